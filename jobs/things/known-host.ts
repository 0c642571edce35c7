/** Takes a host in: waits until its LXD answers, and keeps it in the register. */
import { setTimeout as sleep } from 'node:timers/promises';
import { readConsole } from '../../src/core/console-news.ts';
import { hostOwner } from '../../src/core/tags/cloud-tag.ts';
import type { HostAccess, ThingOf } from '../../src/core/thing.ts';
import { Fault, isFault, messageOf } from '../../src/errors.ts';
import type { CloudClient } from '../../src/openstack/client.ts';
import { findFloatingIp } from '../cloud-things/floating-ip.ts';
import { findMade } from '../cloud-things/server.ts';
import { cloudOf, type StepTools } from '../thing-tools.ts';

type Known = ThingOf<'known_host'>;
type Trusted = HostAccess & { hostKey: string };

/** A slow image that first installs LXD stays within this, in milliseconds. */
const PATIENCE_MS = 25 * 60_000;
const CONSOLE_LINES = 1_000;
/** The server itself is looked at once in so many looks at its console. */
const SERVER_EVERY = 10;

export async function putKnownHost(thing: Known, tools: StepTools): Promise<void> {
  const { knownHosts } = tools.records;
  if ((await knownHosts.get(thing.host))?.request === tools.request) return;
  const { access, hostKey } = { access: thing.access, hostKey: thing.access?.hostKey };
  const found =
    access !== undefined && hostKey !== undefined
      ? { access: { ...access, hostKey }, server: thing.server }
      : await waitForHost(thing, tools);
  const cloud = thing.cloud === undefined ? {} : { cloud: thing.cloud };
  const server = found.server === undefined ? {} : { server: found.server };
  const asked = (await tools.records.requests.get(tools.request))?.asked;
  await knownHosts.put({
    name: thing.host,
    access: await withGuard(thing, found.access, tools),
    ...cloud,
    ...server,
    request: tools.request,
    ...(asked !== undefined && { channel: asked.channel }),
    since: Date.now(),
  });
}

/** Whether the host has a guard is tried once, here: what the image brings decides. */
async function withGuard(
  { host, cloud }: Known,
  access: Trusted,
  { hosts, log }: StepTools,
): Promise<Trusted> {
  const guard = hosts.connectGuard(host, access, cloud);
  try {
    await guard.read();
    return { ...access, guard: true };
  } catch (error) {
    if (!isFault(error)) throw error;
    log.info({ host, err: messageOf(error) }, 'the host has no guard');
    return access;
  } finally {
    guard.close();
  }
}

/** Forgets the host, if it is this request's or the plan says so; the machine is left as it is. */
export async function removeKnownHost({ host }: Known, { records }: StepTools): Promise<void> {
  await records.knownHosts.remove(host);
}

/** Follows the boot on the console: the host's keys first, then its phases, until LXD answers. */
async function waitForHost(thing: Known, tools: StepTools): Promise<{ access: Trusted; server: string }> {
  const { client } = cloudOf(thing.cloud ?? '', tools);
  const { signal } = tools;
  const owner = hostOwner(thing.host);
  const [server, floating] = await Promise.all([
    findMade(client, owner, signal),
    findFloatingIp(client, owner, signal),
  ]);
  if (server === undefined || floating === undefined)
    throw new Fault('foreign_object', `waiting for ${thing.host}: its server or floating IP is gone`);
  const begun = performance.now();
  let last = 'nothing yet';
  for (let looks = 0; ; looks += 1) {
    const news = readConsole(await consoleOf(client, server.id, signal));
    if (looks % SERVER_EVERY === 0) await stillRuns(client, server.id, thing.host, signal);
    if (news.failed !== undefined)
      throw new Fault(
        'openstack_failed',
        `${thing.host} could not be made an LXD host: it ${news.failed}; its console says more`,
      );
    last = news.phase ?? (news.hostKey === undefined ? 'booting' : 'running cloud-init');
    await tools.say(last);
    if (news.hostKey !== undefined && (news.phase === undefined || news.phase === 'ready')) {
      const access = {
        address: floating.floating_ip_address,
        port: 22,
        user: thing.user,
        hostKey: news.hostKey,
      };
      const open = await tryLxd(thing, access, tools);
      if (open !== undefined) return { access: open, server: server.id };
    }
    if (performance.now() - begun > PATIENCE_MS)
      throw new Fault(
        'lxd_timeout',
        `waiting for LXD on ${thing.host}: ${last} for ${PATIENCE_MS / 60_000} minutes`,
      );
    await sleep(1_000, undefined, { signal });
  }
}

/** @throws Fault openstack_failed when the server is gone, or its cloud gave it up: no LXD will ever answer */
async function stillRuns(client: CloudClient, id: string, host: string, signal: AbortSignal): Promise<void> {
  const server = await client.getServer(id, signal).catch((error) => {
    if (isFault(error) && error.retryable) return null;
    throw error;
  });
  if (server === undefined)
    throw new Fault('openstack_failed', `waiting for ${host}: somebody deleted its server`);
  if (server?.status === 'ERROR')
    throw new Fault(
      'openstack_failed',
      `waiting for ${host}: ${server.fault?.message ?? 'its cloud gave it up'}`,
    );
}

/** What cannot be read now may be read in a moment: a boot takes longer than most troubles of a cloud. */
async function consoleOf(client: CloudClient, server: string, signal: AbortSignal): Promise<string> {
  try {
    return await client.getConsole(server, CONSOLE_LINES, signal);
  } catch (error) {
    if (isFault(error) && error.retryable) return '';
    throw error;
  }
}

/** The access by which LXD answers, if it does; a host that shows another key than its console said ends the wait. */
async function tryLxd(
  { host, cloud }: Known,
  base: Omit<Trusted, 'socket'>,
  { hosts, signal, log }: StepTools,
): Promise<Trusted | undefined> {
  for (const socket of hosts.sockets) {
    const access = { ...base, socket };
    const client = hosts.connect(host, access, cloud);
    try {
      await client.getServer(signal);
      return access;
    } catch (error) {
      if (!isFault(error) || isFault(error, 'lxd_host_key')) throw error;
      log.debug({ host, err: messageOf(error) }, 'LXD does not answer yet');
    } finally {
      await client.close();
    }
  }
  return undefined;
}
