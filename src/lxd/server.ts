/** The server itself. */
import { Fault } from '../errors.ts';
import type { Rest } from './call.ts';
import { parseAs } from './rest.ts';
import { server, trust } from './schemas.ts';
import type { LxdServer } from './types.ts';

export interface ServerVerbs {
  /** @throws Fault lxd_unauthorized where LXD answers but does not trust this client */
  getServer(signal?: AbortSignal): Promise<LxdServer>;
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
  };
}
