/**
 * What is behind the floating IPs of a fake cloud, so that a knock tells as much as it would in a real one: an address answers at a port
 * while it leads to a port of a server and a rule lets everybody in there, and refuses otherwise.
 */
import { createServer, type Server } from 'node:http';
import type { FakeState } from '../../openstack/fake-cloud/state.ts';

export interface Front {
  /** Listens where it shall by now, and nowhere else. */
  follow(): Promise<void>;
  close(): Promise<void>;
}

/** @param host the id of the port of the host, whose groups filter for the addresses that it carries for others */
export function openFront(state: FakeState, host: string): Front {
  const servers = new Map<string, Server>();
  const follow = async (wanted: ReadonlySet<string>): Promise<void> => {
    for (const [place, server] of servers) {
      if (wanted.has(place)) continue;
      servers.delete(place);
      await closed(server);
    }
    for (const place of wanted) if (!servers.has(place)) servers.set(place, await listening(place));
  };
  return { follow: () => follow(openPlaces(state, host)), close: () => follow(new Set()) };
}

/** `127.9.1.10:80` and so on. */
export function openPlaces(state: FakeState, host: string): Set<string> {
  const pointed = [...state.floatingIps.values()].flatMap(({ floating_ip_address: address, port_id }) =>
    portsLetIn(state, port_id ?? '', host).map((port) => `${address}:${port}`),
  );
  const forwarded = [...state.forwardings.values()].flatMap((each) => {
    const address = state.floatingIps.get(each.floatingIp)?.floating_ip_address;
    const open = portsLetIn(state, each.internal_port_id, host).includes(each.internal_port);
    return open ? [`${address}:${each.external_port}`] : [];
  });
  return new Set([...pointed, ...forwarded]);
}

function portsLetIn(state: FakeState, id: string, host: string): number[] {
  const port = state.ports.get(id);
  const carrier = port?.device_id === '' ? state.ports.get(host) : port;
  const groups = carrier?.security_groups ?? [];
  return [...state.rules.values()]
    .filter(
      ({ security_group_id, direction, protocol, remote_ip_prefix }) =>
        groups.includes(security_group_id) &&
        direction === 'ingress' &&
        protocol === 'tcp' &&
        remote_ip_prefix === '0.0.0.0/0',
    )
    .flatMap(({ port_range_min }) => (port_range_min === null ? [] : [port_range_min]));
}

function listening(place: string): Promise<Server> {
  const [address, port] = place.split(':');
  const server = createServer((_request, response) => response.end('<title>behind the cloud</title>'));
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(Number(port), address, () => resolve(server));
  });
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
