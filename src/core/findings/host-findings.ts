/** Whether a host and the key to it are as they have to be. Pure. */
import { harmless } from '../commands/chat-text.ts';
import { doorsInWords } from '../names.ts';
import { clockTrouble, type Finding, fail, ok, warn } from './finding.ts';

export interface HostFacts {
  host: string;
  /** `LXD 5.0.2` with what its API has, or why it does not answer. */
  server: { version: string; extensions: readonly string[]; tookMs: number } | { error: string };
  /** Its clock against the worker's, in milliseconds; absent where it could not be had. */
  offMs?: number | undefined;
  /** How many doors its guard keeps, or why that does not answer; absent where it has none. */
  guard?: { doors: number } | { error: string } | undefined;
  /** How its identity is known; absent for a socket of this machine. */
  identity?: 'pinned' | 'authority' | 'nothing' | undefined;
}

/** What cannot be done without LXD's extensions. */
const EXTENSIONS: readonly [string, string][] = [
  ['network_forward', 'the road `forward`'],
  ['network_acl', '`from`'],
  ['network_bridge_acl', '`from`'],
  ['proxy_nat', 'the road `proxy`'],
];

export function hostFindings({ host, server, offMs, identity, guard }: HostFacts): Finding[] {
  const about = `host ${host}`;
  const found = identity === 'nothing' ? [unpinned(about)] : [];
  if (guard !== undefined && 'error' in guard) found.push(guardSilent(about, guard.error));
  if ('error' in server)
    return [
      ...found,
      fail(
        about,
        `does not answer: ${harmless(server.error, 300)}`,
        'Look whether it runs and can be reached from the worker.',
      ),
    ];
  const { extensions, tookMs } = server;
  const version = harmless(server.version, 40);
  const missing = EXTENSIONS.filter(([name]) => !extensions.includes(name));
  const lost = [...new Set(missing.map(([, what]) => what))].join(' and ');
  const names = missing.map(([name]) => `\`${name}\``).join(', ');
  const clock = offMs === undefined ? undefined : clockTrouble(offMs);
  if (missing.length > 0)
    found.push(warn(about, `LXD ${version} has no ${names}, so not ${lost}`, 'Update LXD to 5.0 or later.'));
  if (clock !== undefined)
    found.push(warn(about, clock, 'Have it keep time by NTP (`timedatectl set-ntp true`).'));
  if (found.length > 0) return found;
  const trust = identity === 'pinned' ? ', its key is pinned' : '';
  const time = offMs === undefined ? '' : ', its clock is right';
  const keeps =
    guard === undefined || 'error' in guard
      ? ''
      : `, its guard keeps ${doorsInWords({ length: guard.doors })}`;
  return [ok(about, `LXD ${version} answers in ${Math.round(tookMs)} ms${trust}${time}${keeps}`)];
}

function guardSilent(about: string, error: string): Finding {
  const next = 'No door is opened there until it answers; docs/guard.md says how a host gets its guard.';
  return fail(about, `its guard cannot be asked: ${harmless(error, 300)}`, next);
}

function unpinned(about: string): Finding {
  const next =
    'Put the `host_key` that `ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub` prints on it into the configuration.';
  return fail(about, 'its host key is not pinned, so nothing there is trusted', next);
}

/** A private key, and who may read it. */
export interface KeyFacts {
  /** `host web1`, `cloud public`. */
  of: string;
  path: string;
  /** Permission bits, or why the file cannot be read. */
  file: { mode: number } | { error: string };
}

export function keyFinding({ of, path, file }: KeyFacts): Finding {
  const about = `key of ${of}`;
  if ('error' in file)
    return fail(
      about,
      `\`${path}\` cannot be read: ${harmless(file.error)}`,
      'Correct `key_file`, or let the worker read it.',
    );
  const mode = (file.mode & 0o777).toString(8).padStart(3, '0');
  if ((file.mode & 0o077) === 0) return ok(about, `\`${path}\` is for the worker alone (mode ${mode})`);
  return warn(about, `\`${path}\` can be read by others (mode ${mode})`, `\`chmod 600 ${path}\``);
}
