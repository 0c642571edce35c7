/** Verbs on ports (Network API v2.0). */
import { Fault, isFault } from '../errors.ts';
import type { Rest } from './call.ts';
import type { CloudClient } from './cloud-client.ts';
import { port, under } from './schemas.ts';

type PortVerbs = Pick<CloudClient, 'listPorts' | 'getPort' | 'createPort' | 'updatePort' | 'deletePort'>;

/** How often a change is made anew when somebody else was faster. */
const TRIES = 5;

export function portVerbs(rest: Rest): PortVerbs {
  const service = 'network';
  const path = (id: string): string[] => ['ports', id];

  const change: PortVerbs['updatePort'] = async (id, changed, signal) => {
    const doing = `changing port ${id}`;
    for (let tried = 1; ; tried += 1) {
      const current = await rest.get(under('port', port), { doing, service, path: path(id), signal });
      const next = changed(current);
      if (next === undefined) return;
      const revision = current.revision_number;
      try {
        await rest.act({
          doing,
          service,
          method: 'PUT',
          path: path(id),
          body: { port: next },
          revision,
          signal,
        });
        return;
      } catch (error) {
        if (!isFault(error, 'openstack_changed')) throw error;
        if (tried === TRIES)
          throw new Fault(error.code, error.message, { retryable: true, cause: error.cause });
      }
    }
  };

  return {
    listPorts: (filter, signal) =>
      rest.list('ports', port, { doing: 'listing ports', service, path: ['ports'], query: filter, signal }),
    getPort: (id, signal) =>
      rest.find(under('port', port), { doing: `reading port ${id}`, service, path: path(id), signal }),
    createPort: (request, signal) =>
      rest.change(under('port', port), {
        doing: `creating port ${request.name}`,
        service,
        method: 'POST',
        path: ['ports'],
        body: { port: request },
        signal,
      }),
    updatePort: change,
    deletePort: (id, signal) =>
      rest.remove({ doing: `deleting port ${id}`, service, path: path(id), signal }),
  };
}
