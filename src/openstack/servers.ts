/** Verbs on servers: their life, their console, the ports that are plugged into them (Compute API). */
import { z } from 'zod';
import { isFault } from '../errors.ts';
import type { Rest } from './call.ts';
import type { CloudClient } from './cloud-client.ts';
import { made, port, server, under } from './schemas.ts';
import type { OsServer } from './types.ts';

type ServerVerbs = Pick<
  CloudClient,
  | 'listServers'
  | 'getServer'
  | 'createServer'
  | 'deleteServer'
  | 'setServerMetadata'
  | 'getConsole'
  | 'attachPort'
  | 'detachPort'
>;

export function serverVerbs(rest: Rest): ServerVerbs {
  const service = 'compute';

  return {
    listServers: async (filter, signal) => {
      const found = await rest.list('servers', server, {
        doing: 'listing servers',
        service,
        path: ['servers', 'detail'],
        query: filter,
        signal,
      });
      return found.filter(isThere);
    },
    getServer: async (id, signal) => {
      const found = await rest.find(under('server', server), {
        doing: `reading server ${id}`,
        service,
        path: ['servers', id],
        signal,
      });
      return found !== undefined && isThere(found) ? found : undefined;
    },
    createServer: ({ user_data, ...request }, signal) =>
      rest.change(under('server', made), {
        doing: `creating server ${request.name}`,
        service,
        method: 'POST',
        path: ['servers'],
        body: { server: { ...request, user_data: Buffer.from(user_data).toString('base64') } },
        signal,
      }),
    deleteServer: (id, signal) =>
      rest.remove({ doing: `deleting server ${id}`, service, path: ['servers', id], signal }),
    setServerMetadata: (id, metadata, signal) =>
      rest.act({
        doing: `writing metadata of server ${id}`,
        service,
        method: 'POST',
        path: ['servers', id, 'metadata'],
        body: { metadata },
        signal,
      }),
    getConsole: async (id, lines, signal) => {
      try {
        const { output } = await rest.change(z.object({ output: z.string().nullable() }), {
          doing: `reading the console of server ${id}`,
          service,
          method: 'POST',
          path: ['servers', id, 'action'],
          body: { 'os-getConsoleOutput': { length: lines } },
          repeatable: true,
          signal,
        });
        return output ?? '';
      } catch (error) {
        if (isFault(error, ...NO_CONSOLE)) return '';
        throw error;
      }
    },
    attachPort: async (id, portId, signal) => {
      try {
        await rest.act({
          doing: `plugging port ${portId} into server ${id}`,
          service,
          method: 'POST',
          path: ['servers', id, 'os-interface'],
          body: { interfaceAttachment: { port_id: portId } },
          signal,
        });
      } catch (error) {
        if (!isFault(error, 'openstack_conflict', 'openstack_refused')) throw error;
        if ((await ownerOf(rest, portId, signal)) !== id) throw error;
      }
    },
    detachPort: (id, portId, signal) =>
      rest.remove({
        doing: `unplugging port ${portId} from server ${id}`,
        service,
        path: ['servers', id, 'os-interface', portId],
        signal,
      }),
  };
}

/** For a moment after a server is gone, Nova still shows it as DELETED (measured on Zed). */
function isThere({ status }: OsServer): boolean {
  return status !== 'DELETED';
}

/** 404: this guest has none; 409: it has not begun to run; 501 ends as openstack_failed and is told. */
const NO_CONSOLE = ['openstack_not_found', 'openstack_conflict'] as const;

async function ownerOf(
  rest: Rest,
  portId: string,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const found = await rest.find(under('port', port), {
    doing: `reading port ${portId}`,
    service: 'network',
    path: ['ports', portId],
    signal,
  });
  return found?.device_id;
}
