/**
 * Follows the events of every host and has its doors compared with the road when something was changed there. Events are a hint only: what
 * counts is the look that follows, and a stream that was lost is followed by one, for what happened meanwhile nobody tells.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../src/errors.ts';
import type { LxdEvent } from '../../src/lxd/client.ts';
import type { Host, Tools } from '../tools.ts';

/** How often it is looked which hosts there are. */
const HOSTS_MS = 10_000;
/** Pauses before a lost stream is opened again grow from the first to the second. */
const [FIRST_MS, LONGEST_MS] = [1_000, 60_000];

type FollowTools = Pick<Tools, 'hosts' | 'queues' | 'log'>;

export interface Following {
  stop(): void;
}

/** Begins at once; hosts that come later are followed, too. */
export function followHosts(tools: FollowTools): Following {
  const end = new AbortController();
  const followed = new Map<Host['client'], AbortController>();
  const look = async (): Promise<void> => {
    const hosts = await tools.hosts.list();
    const clients = new Set(hosts.map(({ client }) => client));
    for (const [client, each] of followed) {
      if (clients.has(client)) continue;
      each.abort();
      followed.delete(client);
    }
    for (const host of hosts) {
      if (followed.has(host.client)) continue;
      const own = new AbortController();
      followed.set(host.client, own);
      void followHost(host, AbortSignal.any([end.signal, own.signal]), tools);
    }
  };
  void (async () => {
    while (!end.signal.aborted) {
      await look().catch((error) =>
        tools.log.warn({ err: messageOf(error) }, 'looking which hosts there are'),
      );
      await sleep(HOSTS_MS, undefined, { signal: end.signal, ref: false }).catch(() => {});
    }
  })();
  return { stop: () => end.abort() };
}

/** Until the signal ends it. Never throws. */
async function followHost(
  { name, client }: Host,
  signal: AbortSignal,
  { queues, log }: FollowTools,
): Promise<void> {
  const reconcile = (hint: boolean): void => {
    queues
      .reconcile({ host: name, ...(hint && { hint }) })
      .catch((error) => log.warn({ host: name, err: messageOf(error) }, 'asking for a look at a host'));
  };
  let pause = FIRST_MS;
  while (!signal.aborted) {
    try {
      await client.followEvents(
        (event) => {
          if (matters(event)) reconcile(true);
        },
        () => {
          pause = FIRST_MS;
          reconcile(false);
        },
        signal,
      );
    } catch (error) {
      if (signal.aborted) return;
      log.info({ host: name, err: messageOf(error), againInMs: pause }, 'the events of a host are lost');
      await sleep(pause * (0.5 + Math.random()), undefined, { signal, ref: false }).catch(() => {});
      pause = Math.min(pause * 2, LONGEST_MS);
    }
  }
}

/** What programs print, and what is copied, changes no road. */
function matters({ action }: LxdEvent): boolean {
  return (
    /^(instance|network)-/.test(action) && !/(exec|console|log|file|snapshot|backup|metadata)/.test(action)
  );
}
