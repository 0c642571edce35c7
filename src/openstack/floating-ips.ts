/** Verbs on floating IPs and the port forwardings on them (Network API v2.0). */
import type { Rest } from './call.ts';
import type { CloudClient } from './cloud-client.ts';
import { floatingIp, portForwarding, under } from './schemas.ts';

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
    pointFloatingIp: (seen, to, signal) =>
      rest.change(under('floatingip', floatingIp), {
        doing: `pointing floating IP ${seen.floating_ip_address} ${to === undefined ? 'nowhere' : `to port ${to.port_id}`}`,
        service,
        method: 'PUT',
        path: one(seen.id),
        body: { floatingip: to ?? { port_id: null } },
        revision: seen.revision_number,
        signal,
      }),
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
