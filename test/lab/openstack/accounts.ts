/** Users, projects, roles and the catalogue, through keystone's own interface; and the clouds.yaml that the tests read. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { type CloudApi, openCloud } from './cloud-api.ts';
import { authUrl, cacheDir, cloudDir, cloudsFile, names, region } from './cloud-plan.ts';

export const clouds = { bot: 'lab', appCredential: 'lab-appcred', admin: 'lab-admin' } as const;
export const credentialName = 'lab';

const api = 'http://127.0.0.1';
const services = [
  { user: 'glance', type: 'image', url: `${api}:9292` },
  { user: 'placement', type: 'placement', url: `${api}:8778` },
  { user: 'nova', type: 'compute', url: `${api}:8774/v2.1` },
  { user: 'neutron', type: 'network', url: `${api}:9696` },
];

/** Makes whatever is missing of the accounts, and writes clouds.yaml. Keystone must answer. */
export async function ensureAccounts(): Promise<void> {
  const secret = secrets();
  writeClouds(secret);
  const admin = await openCloud(clouds.admin);
  const roles = new Map((await admin.list('identity', '/roles', 'roles')).map(({ id, name }) => [name, id]));
  if (!roles.has('service')) roles.set('service', await ensure(admin, 'role', 'service', {}));
  const service = await ensure(admin, 'project', 'service', { domain_id: 'default' });
  const bot = await ensure(admin, 'project', names.project, { domain_id: 'default' });
  const grant = async (name: string, password: string, project: string, ...wanted: string[]) => {
    const user = await ensure(admin, 'user', name, { domain_id: 'default', password });
    for (const role of wanted)
      await admin.call('PUT', 'identity', `/projects/${project}/users/${user}/roles/${roles.get(role)}`);
  };
  for (const { user } of services) await grant(user, secret('SERVICE_PASS'), service, 'admin', 'service');
  await grant(names.project, secret('BOT_PASS'), bot, 'member');
  await ensureCatalogue(admin);
  await ensureAppCredential();
  writeClouds(secret);
}

async function ensureCatalogue(admin: CloudApi): Promise<void> {
  const present = await admin.list<{ service_id: string; interface: string }>(
    'identity',
    '/endpoints',
    'endpoints',
  );
  for (const { user, type, url } of services) {
    const id = await ensure(admin, 'service', user, { type });
    for (const kind of ['public', 'internal', 'admin']) {
      if (present.some((endpoint) => endpoint.service_id === id && endpoint.interface === kind)) continue;
      const endpoint = { service_id: id, interface: kind, region_id: region, url };
      await admin.call('POST', 'identity', '/endpoints', { endpoint });
    }
  }
}

/** The application credential's secret is shown once, when it is made; so it is kept beside clouds.yaml. */
async function ensureAppCredential(): Promise<void> {
  if (existsSync(credentialFile())) return;
  const bot = await openCloud(clouds.bot);
  const at = `/users/${bot.userId}/application_credentials`;
  for (const { id, name } of await bot.list('identity', at, 'application_credentials')) {
    if (name === credentialName) await bot.call('DELETE', 'identity', `${at}/${id}`);
  }
  const body = { application_credential: { name: credentialName, roles: [{ name: 'member' }] } };
  const made = await bot.call<{ application_credential: { id: string; secret: string } }>(
    'POST',
    'identity',
    at,
    body,
  );
  const { id, secret } = made.application_credential;
  writeFileSync(credentialFile(), JSON.stringify({ id, secret }), { mode: 0o600 });
}

/** The id of the thing of that name; it is made when there is none. */
async function ensure(admin: CloudApi, kind: string, name: string, extra: object): Promise<string> {
  const [found] = await admin.list('identity', `/${kind}s?name=${name}`, `${kind}s`);
  if (found !== undefined) return found.id;
  const made = await admin.call<Record<string, { id: string }>>('POST', 'identity', `/${kind}s`, {
    [kind]: { name, ...extra },
  });
  return made[kind]?.id ?? '';
}

function writeClouds(secret: (key: string) => string): void {
  const byPassword = (username: string, password: string, project: string) => ({
    auth: {
      auth_url: authUrl,
      username,
      password,
      project_name: project,
      user_domain_name: 'Default',
      project_domain_name: 'Default',
    },
    region_name: region,
    interface: 'public',
    identity_api_version: 3,
  });
  const credential = existsSync(credentialFile())
    ? (JSON.parse(readFileSync(credentialFile(), 'utf8')) as { id: string; secret: string })
    : undefined;
  const byCredential = credential && {
    auth_type: 'v3applicationcredential',
    auth: {
      auth_url: authUrl,
      application_credential_id: credential.id,
      application_credential_secret: credential.secret,
    },
    region_name: region,
    interface: 'public',
    identity_api_version: 3,
  };
  const text = stringify({
    clouds: {
      [clouds.bot]: byPassword(names.project, secret('BOT_PASS'), names.project),
      ...(byCredential === undefined ? {} : { [clouds.appCredential]: byCredential }),
      [clouds.admin]: byPassword('admin', secret('ADMIN_PASS'), 'admin'),
    },
  });
  writeFileSync(cloudsFile(), text, { mode: 0o600 });
}

/** The passwords that scripts/ground.sh drew. */
function secrets(): (key: string) => string {
  const lines = readFileSync(join(cacheDir(), 'secrets'), 'utf8').trim().split('\n');
  const values = new Map(lines.map((line) => line.split('=', 2) as [string, string]));
  return (key) => values.get(key) ?? '';
}

function credentialFile(): string {
  return join(cloudDir(), 'application-credential.json');
}
