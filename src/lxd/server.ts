/** The server itself. */
import { Fault } from '../errors.ts';
import type { Rest } from './call.ts';
import { parseAs } from './rest.ts';
import { server, trust } from './schemas.ts';
import type { LxdServer } from './types.ts';

export interface ServerVerbs {
  /** @throws Fault lxd_unauthorized where LXD answers but does not trust this client */
  getServer(signal?: AbortSignal): Promise<LxdServer>;
  /** What time it is there, to the second, in milliseconds since 1970; undefined where the answer has no date. */
  getClock(signal?: AbortSignal): Promise<number | undefined>;
}

export function serverVerbs(rest: Rest): ServerVerbs {
  return {
    getServer: async (signal) => {
      const doing = 'reading the server';
      const { value } = await rest.get(trust, { doing, path: '/1.0', signal });
      // To strangers LXD answers too, with little more than this word.
      return rest.told(doing, async () => {
        if (value.auth !== 'untrusted') return parseAs(server, value);
        throw new Fault('lxd_unauthorized', 'LXD does not trust the client certificate');
      });
    },
    getClock: async (signal) => {
      const { headers } = await rest.getFile({ doing: 'reading the clock', path: '/1.0', signal });
      const at = typeof headers.date === 'string' ? Date.parse(headers.date) : Number.NaN;
      // It names a second that has begun: half of one is nearer on the whole.
      return Number.isNaN(at) ? undefined : at + 500;
    },
  };
}
