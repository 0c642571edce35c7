/** clouds.yaml, in which OpenStack's own tools keep who logs in where, and secure.yaml beside it. */
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { messageOf } from './errors.ts';
import { readYaml } from './read-yaml.ts';

/** One entry, its names with `_`, all values as text. */
export interface CloudEntry {
  settings: Readonly<Record<string, string>>;
  auth: Readonly<Record<string, string>>;
}

export type CloudsYaml = { path: string; entries: Readonly<Record<string, CloudEntry>> };

/** Where it is looked for when OS_CLIENT_CONFIG_FILE does not say (openstacksdk, "Configuring OpenStack SDK Applications"). */
export function placesOfCloudsYaml(): string[] {
  return [
    resolve('clouds.yaml'),
    join(homedir(), '.config/openstack/clouds.yaml'),
    '/etc/openstack/clouds.yaml',
  ];
}

/** The first one that is there, with what secure.yaml adds; or the problem with it and its remedy. */
export function readCloudsYaml(named: string | undefined): CloudsYaml | { problem: string } {
  const places = named === undefined ? placesOfCloudsYaml() : [resolve(named)];
  const path = places.find((place) => existsSync(place));
  if (path === undefined) {
    const next =
      named === undefined
        ? 'put it there, or name it in OS_CLIENT_CONFIG_FILE'
        : 'correct OS_CLIENT_CONFIG_FILE';
    return { problem: `there is no ${places.join(', no ')}: ${next}` };
  }
  const open = entriesIn(path);
  if ('problem' in open) return open;
  const securePath = join(dirname(path), 'secure.yaml');
  const secure = existsSync(securePath) ? entriesIn(securePath) : { entries: {} };
  if ('problem' in secure) return secure;
  const merged = Object.entries(open.entries).map(([name, entry]) => {
    const more = Object.hasOwn(secure.entries, name) ? secure.entries[name] : undefined;
    return [
      name,
      { settings: { ...entry.settings, ...more?.settings }, auth: { ...entry.auth, ...more?.auth } },
    ];
  });
  return { path, entries: Object.fromEntries(merged) };
}

function entriesIn(path: string): Pick<CloudsYaml, 'entries'> | { problem: string } {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    return { problem: `${path} cannot be read (${messageOf(error)})` };
  }
  const content = readYaml(text, { asText: true });
  if ('problems' in content) return { problem: `${path}: ${content.problems[0]}` };
  const clouds = mapIn(mapIn(content.of).clouds);
  const entries = Object.entries(clouds).map(([name, entry]) => [
    name,
    { settings: textsIn(entry), auth: textsIn(mapIn(entry).auth) },
  ]);
  return { entries: Object.fromEntries(entries) };
}

function mapIn(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
}

/** Names may be written with dashes. */
function textsIn(value: unknown): Record<string, string> {
  const texts = Object.entries(mapIn(value)).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  return Object.fromEntries(texts.map(([name, text]) => [name.replaceAll('-', '_'), text]));
}
