/** Follows LXD's lifecycle events: what was changed on a host, as it happens. */
import { z } from 'zod';
import { isFault } from '../errors.ts';
import { whileDoing } from './faults.ts';
import type { Http } from './http.ts';

/** One change (LXD, "Events", type lifecycle). */
export interface LxdEvent {
  /** `network-forward-updated`, `instance-deleted` … */
  action: string;
  /** `/1.0/networks/lxdbr0/forwards/198.51.100.11` */
  source: string;
}

export interface FollowVerbs {
  /**
   * Until `signal` ends it, without a word; what happened before is not told.
   * @param opened called once events would be heard
   * @throws Fault lxd_unreachable, or what else ends the stream: then changes may have been missed
   */
  followEvents(heard: (event: LxdEvent) => void, opened: () => void, signal: AbortSignal): Promise<void>;
}

const lifecycle = z.looseObject({
  type: z.literal('lifecycle'),
  metadata: z.looseObject({ action: z.string(), source: z.string() }),
});

export function followVerbs({
  http,
  host,
  project,
}: {
  http: Http;
  host: string;
  project: string | undefined;
}): FollowVerbs {
  const where = project === undefined ? '' : `&project=${encodeURIComponent(project)}`;
  return {
    async followEvents(heard, opened, signal) {
      try {
        await http.follow({
          path: `/1.0/events?type=lifecycle${where}`,
          opened,
          heard: (text) => {
            const event = eventIn(text);
            if (event !== undefined) heard(event);
          },
          signal,
        });
      } catch (error) {
        throw isFault(error) ? whileDoing(`following the events of ${host}`, error) : error;
      }
    },
  };
}

/** undefined for what is no such event: newer versions may tell more. */
function eventIn(text: string): LxdEvent | undefined {
  try {
    const parsed = lifecycle.safeParse(JSON.parse(text));
    if (!parsed.success) return undefined;
    const { action, source } = parsed.data.metadata;
    return { action, source };
  } catch {
    return undefined;
  }
}
