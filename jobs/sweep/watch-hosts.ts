/** Looks once a minute whether the servers of hosts that were made or adopted are still there, and says so when one is gone. */
import { isFault, messageOf } from '../../src/errors.ts';
import type { KnownHost } from '../../src/records/known-hosts.ts';
import type { Tools } from '../tools.ts';

/** Part of the sweep. A cloud that does not answer says nothing about its servers. */
export async function watchHosts(tools: Tools, signal: AbortSignal): Promise<void> {
  const { records, clouds, log } = tools;
  if (clouds.length === 0 || !(await records.minutes.first('watch-hosts'))) return;
  for (const host of await records.knownHosts.list()) {
    try {
      await watch(host, tools, signal);
    } catch (error) {
      if (!isFault(error)) throw error;
      log.warn({ host: host.name, err: messageOf(error) }, 'looking whether a host is still there');
    }
  }
}

async function watch(
  { name, cloud, server, channel }: KnownHost,
  tools: Tools,
  signal: AbortSignal,
): Promise<void> {
  const { records, clouds, log } = tools;
  const client = clouds.find((each) => each.name === cloud)?.client;
  if (client === undefined || server === undefined) return;
  const vanished = (await client.getServer(server, signal)) === undefined;
  if (!(await records.knownHosts.setVanished(name, vanished))) return;
  const text = vanished
    ? `The server of the host ${name} is gone from ${cloud}: its instances and doors no longer answer. \`/lxd host delete ${name} with instances\` takes away what is left of it.`
    : `The server of the host ${name} is back in ${cloud}.`;
  await records.audit.add({ kind: vanished ? 'host_vanished' : 'host_back', about: name, what: text });
  log.warn({ host: name, vanished }, 'a host vanished, or is back');
  if (channel !== undefined)
    await records.outbox.add(channel, { kind: 'notice', channel, text: `:warning: ${text}` });
}
