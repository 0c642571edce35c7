/** Verbs on floating IPs and the port forwardings on them (Network API v2.0). */
import { Fault, isFault } from '../errors.ts';
import type { Rest } from './call.ts';
import type { CloudClient } from './cloud-client.ts';
import { floatingIp, portForwarding, under } from './schemas.ts';
import type { OsFloatingIp } from './types.ts';

type FloatingIpVerbs = Pick<
  CloudClient,
  | 'listFloatingIps'
  | 'createFloatingIp'
  | 'pointFloatingIp'
  | 'deleteFloatingIp'
  | 'listPortForwardings'
  | 'createPortForwarding'
  | 'deletePortForwarding'
>;

export function floatingIpVerbs(rest: Rest): FloatingIpVerbs {
  const service = 'network';
  const one = (id: string): string[] => ['floatingips', id];
  const forwardings = (id: string): string[] => ['floatingips', id, 'port_forwardings'];

  return {
    listFloatingIps: (filter, signal) =>
      rest.list('floatingips', floatingIp, {
        doing: 'listing floating IPs',
        service,
        path: ['floatingips'],
        query: filter,
        signal,
      }),
    createFloatingIp: (request, signal) =>
      rest.change(under('floatingip', floatingIp), {
        doing: 'creating a floating IP',
        service,
        method: 'POST',
        path: ['floatingips'],
        body: { floatingip: request },
        signal,
      }),
    pointFloatingIp: (seen, to, signal) => pointed(rest, seen, to, signal),
    deleteFloatingIp: (id, signal) =>
      rest.remove({ doing: `deleting floating IP ${id}`, service, path: one(id), signal }),
    listPortForwardings: (id, signal) =>
      rest.list('port_forwardings', portForwarding, {
        doing: `listing port forwardings of floating IP ${id}`,
        service,
        path: forwardings(id),
        signal,
      }),
    createPortForwarding: (id, request, signal) =>
      rest.change(under('port_forwarding', portForwarding), {
        doing: `forwarding port ${request.external_port} of floating IP ${id}`,
        service,
        method: 'POST',
        path: forwardings(id),
        body: { port_forwarding: request },
        signal,
      }),
    deletePortForwarding: (id, forwarding, signal) =>
      rest.remove({
        doing: `deleting port forwarding ${forwarding} of floating IP ${id}`,
        service,
        path: [...forwardings(id), forwarding],
        signal,
      }),
  };
}

/** How often a floating IP is pointed anew when it was another by then. */
const TRIES = 5;

/**
 * Neutron's agents set the status of a floating IP, and a tag is a revision, too: whoever goes by the revision alone is refused
 * though nobody pointed it elsewhere (measured on Zed). So after a 412 it is looked at, and what counts is where it points.
 */
async function pointed(
  rest: Rest,
  seen: OsFloatingIp,
  to: { port_id: string; fixed_ip_address?: string } | undefined,
  signal: AbortSignal | undefined,
): Promise<OsFloatingIp> {
  const doing = `pointing floating IP ${seen.floating_ip_address} ${to === undefined ? 'nowhere' : `to port ${to.port_id}`}`;
  const call = { doing, service: 'network', path: ['floatingips', seen.id], signal } as const;
  const one = under('floatingip', floatingIp);
  const body = { floatingip: to ?? { port_id: null } };
  for (let revision = seen.revision_number, tried = 1; ; tried += 1) {
    try {
      return await rest.change(one, { ...call, method: 'PUT', body, revision });
    } catch (error) {
      if (!isFault(error, 'openstack_changed') || tried === TRIES) throw error;
    }
    const now = await rest.get(one, call);
    if (now.port_id !== seen.port_id || now.fixed_ip_address !== seen.fixed_ip_address) {
      const elsewhere = now.port_id === null ? 'nowhere' : `to port ${now.port_id}`;
      const fault = new Fault('openstack_changed', `it points ${elsewhere} by now`);
      return rest.told(doing, () => Promise.reject(fault));
    }
    revision = now.revision_number;
  }
}
