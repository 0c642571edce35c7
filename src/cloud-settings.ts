/** Who logs in to each cloud of the configuration file: from clouds.yaml, or from OpenStack's own variables. */
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { z } from 'zod';
import type { CloudAccess } from './cloud-access.ts';
import { readLogin } from './cloud-login.ts';
import { type CloudEntry, type CloudsYaml, readCloudsYaml } from './clouds-yaml.ts';
import { messageOf } from './errors.ts';

const text = z.string().optional();

/** OpenStack's variables (python-openstackclient, "Environment Variables"); read where a cloud names no entry of clouds.yaml. */
export const cloudEnvironment = {
  OS_CLOUD: text,
  OS_CLIENT_CONFIG_FILE: text,
  OS_AUTH_URL: text,
  OS_AUTH_TYPE: text,
  OS_USERNAME: text,
  OS_USER_ID: text,
  OS_USER_DOMAIN_NAME: text,
  OS_USER_DOMAIN_ID: text,
  OS_PASSWORD: text,
  OS_PROJECT_NAME: text,
  OS_PROJECT_ID: text,
  OS_PROJECT_DOMAIN_NAME: text,
  OS_PROJECT_DOMAIN_ID: text,
  OS_APPLICATION_CREDENTIAL_ID: text,
  OS_APPLICATION_CREDENTIAL_NAME: text,
  OS_APPLICATION_CREDENTIAL_SECRET: text,
  OS_REGION_NAME: text,
  OS_INTERFACE: text,
  OS_CACERT: text,
};

type Environment = Readonly<{ [name in keyof typeof cloudEnvironment]?: string | undefined }>;

/** Of the settings of an entry, those that are not part of `auth`. */
const OUTSIDE_AUTH = ['auth_type', 'region_name', 'interface', 'cacert'];

/**
 * @param clouds as the configuration file has them
 * @param problems gets a line for each thing that is wrong, with its remedy and without what stood in it
 */
export function cloudSettings(
  clouds: Readonly<Record<string, { os_cloud?: string | undefined }>>,
  env: Environment,
  problems: string[],
): Record<string, CloudAccess> {
  const found: Record<string, CloudAccess> = {};
  let file: ReturnType<typeof readCloudsYaml> | undefined;
  for (const [name, { os_cloud = env.OS_CLOUD }] of Object.entries(clouds)) {
    const tell = (problem: string): void => void problems.push(`clouds.${name}: ${problem}`);
    if (os_cloud !== undefined) file ??= readCloudsYaml(env.OS_CLIENT_CONFIG_FILE);
    const source =
      os_cloud === undefined || file === undefined ? fromVariables(env) : fromFile(file, os_cloud);
    if ('problem' in source) tell(source.problem);
    else {
      const access = accessFrom(source, (problem) => tell(`${source.place}: ${problem}`));
      if (access !== undefined) found[name] = access;
    }
  }
  return found;
}

interface Source extends CloudEntry {
  place: string;
}

function fromVariables(env: Environment): Source | { problem: string } {
  if (env.OS_AUTH_URL === undefined) {
    return {
      problem: 'set `os_cloud` to an entry of clouds.yaml, or set OS_CLOUD, or OS_AUTH_URL and its like',
    };
  }
  const given = Object.entries(env).flatMap(([key, value]): [string, string][] =>
    key.startsWith('OS_') && value !== undefined ? [[key.slice(3).toLowerCase(), value]] : [],
  );
  const outside = given.filter(([key]) => OUTSIDE_AUTH.includes(key));
  return { place: 'OS_*', settings: Object.fromEntries(outside), auth: Object.fromEntries(given) };
}

function fromFile(file: CloudsYaml | { problem: string }, entry: string): Source | { problem: string } {
  if ('problem' in file) return file;
  const found = Object.hasOwn(file.entries, entry) ? file.entries[entry] : undefined;
  if (found !== undefined) return { ...found, place: `\`${entry}\` in ${file.path}` };
  const known = Object.keys(file.entries).map((each) => `\`${each}\``);
  return { problem: `there is no \`${entry}\` in ${file.path}; it has ${known.join(', ') || 'no clouds'}` };
}

function accessFrom({ settings, auth }: Source, tell: (problem: string) => void): CloudAccess | undefined {
  let fine = true;
  const refuse = (problem: string): void => {
    fine = false;
    tell(problem);
  };
  const login = readLogin(settings.auth_type, auth, refuse);
  const authUrl = auth.auth_url ?? '';
  if (authUrl === '')
    refuse('`auth_url` is missing: Keystone’s address, like `https://cloud.example.net:5000/v3`');
  else if (!/^https?:\/\//.test(authUrl) || !URL.canParse(authUrl))
    refuse('`auth_url`: write https://… or http://…');
  const wanted = (settings.interface ?? settings.endpoint_type ?? 'public').replace(/URL$/, '');
  if (!isInterface(wanted)) refuse('`interface`: write public, internal or admin');
  if (settings.verify !== undefined && /^(false|no|off|0)$/i.test(settings.verify))
    refuse('`verify: false` is not obeyed, for anybody could listen: name the cloud’s CA with `cacert`');
  const ca = settings.cacert === undefined ? undefined : authorityIn(settings.cacert, refuse);
  if (!fine || login === undefined || !isInterface(wanted)) return undefined;
  return {
    authUrl,
    login,
    ...(settings.region_name !== undefined && { region: settings.region_name }),
    interface: wanted,
    ...(ca !== undefined && { ca }),
  };
}

function isInterface(word: string): word is CloudAccess['interface'] {
  return ['public', 'internal', 'admin'].includes(word);
}

function authorityIn(path: string, refuse: (problem: string) => void): string | undefined {
  const place = resolve(path.replace(/^~(?=\/)/, homedir()));
  try {
    const pem = readFileSync(place, 'utf8');
    if (pem.includes('-----BEGIN CERTIFICATE-----')) return pem;
    refuse(`\`cacert\`: ${place} has no certificate in PEM, \`-----BEGIN CERTIFICATE-----\``);
  } catch (error) {
    refuse(`\`cacert\`: ${place} cannot be read (${messageOf(error)})`);
  }
  return undefined;
}
