/** Watches the audit for the channel that mirrors it, and rings the channel's lane of the outbox when there is something new. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../../log.ts';
import type { Records } from '../../records/records.ts';

const LOOK_EVERY_MS = 1_000;

export interface AuditMirror {
  stop(): Promise<void>;
}

/** Any number may watch: whoever delivers second finds nothing new. */
export function startAuditMirror(
  channel: string,
  { audit, outbox }: Pick<Records, 'audit' | 'outbox'>,
  log: Log,
): AuditMirror {
  const ended = new AbortController();

  async function watch(): Promise<void> {
    let rung: string | undefined;
    while (!ended.signal.aborted) {
      try {
        const { hash } = await audit.head();
        if (hash !== rung) await outbox.add(channel, { kind: 'audit', channel });
        rung = hash;
      } catch (error) {
        log.warn({ err: error }, 'looking for what is new in the audit');
      }
      await sleep(LOOK_EVERY_MS, undefined, { signal: ended.signal }).catch(() => undefined);
    }
  }

  const watching = watch();
  return {
    async stop() {
      ended.abort();
      await watching;
    },
  };
}
