/** Finds hosts that Drawbridge made from the marks on them in their clouds, with the keys that their consoles still say. Changes nothing. */

import { readConsole } from '../../src/core/console-news.ts';
import { groupNameOf } from '../../src/core/tags/cloud-tag.ts';
import { messageOf } from '../../src/errors.ts';
import type { OsServer } from '../../src/openstack/client.ts';
import type { KnownHost } from '../../src/records/known-hosts.ts';
import { findFloatingIp } from '../cloud-things/floating-ip.ts';
import { MADE_FOR } from '../cloud-things/server.ts';
import type { Cloud, Hosts } from '../tools.ts';

/** Most of a console that is looked through for host keys. */
const CONSOLE_LINES = 2_000;

/** What clouds say about hosts. */
export interface HostsFound {
  found: KnownHost[];
  /** In the register, and their servers are gone. */
  gone: KnownHost[];
  /** They are there, but Drawbridge cannot log in to them: each with the reason, and what to type. */
  lost: { name: string; why: string; next: string }[];
  /** Clouds that did not answer. */
  silent: { name: string; why: string }[];
}

export interface HostSearch {
  clouds: readonly Cloud[];
  hosts: Pick<Hosts, 'connect' | 'sockets' | 'list'>;
  register: readonly KnownHost[];
  channel?: string;
  /** Milliseconds since 1970. */
  now: number;
  signal: AbortSignal;
}

export async function recoverHosts(search: HostSearch): Promise<HostsFound> {
  const all: HostsFound = { found: [], gone: [], lost: [], silent: [] };
  await Promise.all(
    search.clouds.map(async (cloud) => {
      try {
        await searchCloud(cloud, search, all);
      } catch (error) {
        search.signal.throwIfAborted();
        all.silent.push({ name: cloud.name, why: messageOf(error) });
      }
    }),
  );
  return all;
}

async function searchCloud(cloud: Cloud, search: HostSearch, all: HostsFound): Promise<void> {
  const { register, hosts, signal } = search;
  const [servers, groups] = await Promise.all([
    cloud.client.listServers({}, signal),
    cloud.client.listSecurityGroups({}, signal),
  ]);
  const here = (await hosts.list()).flatMap(({ server }) => (server?.cloud === cloud.name ? [server] : []));
  const isKnown = ({ id, name }: OsServer) => here.some(({ server }) => server === id || server === name);
  for (const host of register)
    if (host.cloud === cloud.name && !servers.some(({ id }) => id === host.server)) all.gone.push(host);
  for (const server of servers.filter((each) => !isKnown(each))) {
    const [, name] = /^host-(.+)$/.exec(server.metadata[MADE_FOR] ?? '') ?? [];
    const doors = groups.find((group) => group.name === groupNameOf(server.name))?.tags ?? [];
    if (name !== undefined) await take(name, server, cloud, search, all);
    // A host that was adopted has no mark; the rules of its doors have.
    else if (doors.some((tag) => tag.startsWith('door-')))
      all.lost.push(
        lost(server.name, cloud, 'it has doors, and was adopted: no mark says how it is reached'),
      );
  }
}

function lost(name: string, cloud: Cloud, why: string): HostsFound['lost'][number] {
  return { name, why, next: `/lxd host adopt ${name} on ${cloud.name}` };
}

async function take(
  name: string,
  server: OsServer,
  cloud: Cloud,
  search: HostSearch,
  all: HostsFound,
): Promise<void> {
  const { signal, register, channel, now } = search;
  if (register.some((host) => host.name === name)) return;
  const [floating, console_] = await Promise.all([
    findFloatingIp(cloud.client, `host-${name}`, signal),
    cloud.client.getConsole(server.id, CONSOLE_LINES, signal).catch(() => ''),
  ]);
  const { hostKey } = readConsole(console_);
  if (floating === undefined) {
    all.lost.push(lost(name, cloud, 'it has no floating IP of Drawbridge’s any more'));
    return;
  }
  if (hostKey === undefined) {
    all.lost.push(lost(name, cloud, 'its console no longer says its host key, and no other is trusted'));
    return;
  }
  const base = { address: floating.floating_ip_address, port: 22, user: cloud.user, hostKey };
  const socket = await socketOf(name, base, cloud, search);
  if (typeof socket !== 'string') {
    all.lost.push(lost(name, cloud, socket.why));
    return;
  }
  all.found.push({
    name,
    access: { ...base, socket },
    cloud: cloud.name,
    server: server.id,
    request: 'req-recovered',
    ...(channel !== undefined && { channel }),
    since: now,
  });
}

/** The socket behind which LXD answers, or why none does. */
async function socketOf(
  name: string,
  base: Omit<KnownHost['access'], 'socket'>,
  cloud: Cloud,
  { hosts, signal }: HostSearch,
): Promise<string | { why: string }> {
  let why = '';
  for (const socket of hosts.sockets) {
    const client = hosts.connect(name, { ...base, socket }, cloud.name);
    try {
      await client.getServer(signal);
      return socket;
    } catch (error) {
      signal.throwIfAborted();
      why = why === '' ? messageOf(error) : why;
    } finally {
      await client.close();
    }
  }
  return { why };
}

/** What was found, and what to type for the rest. */
export function hostsInWords({ found, gone, lost, silent }: HostsFound): string[] {
  return [
    ...found.map(
      ({ name, cloud, access }) =>
        `found ${name} in ${cloud} at ${access.address}, ${access.hostKey} by its console`,
    ),
    ...lost.map(({ name, why, next }) => `cannot take in ${name}: ${why}. In Slack: \`${next}\``),
    ...gone.map(
      ({ name, cloud }) =>
        `${name} is no longer in ${cloud}. It stays in the register: \`/lxd host delete ${name} with instances\` takes away what is left`,
    ),
    ...silent.map(({ name, why }) => `the cloud ${name} did not answer: ${why}`),
  ];
}
