/** The fake Neutron's port forwardings, with the refusals of neutron/services/portforwarding/pf_plugin.py. */
import { randomUUID } from 'node:crypto';
import type { OsFloatingIp } from '../../../src/openstack/client.ts';
import { bare, bodyOf, found, listReply } from './neutron.ts';
import { isReachable } from './neutron-floating-ips.ts';
import { type FakeState, keep, visible } from './state.ts';
import { type Fields, neutronError, numberOf, type Route, textOf } from './wire.ts';

const NAMES = [
  'protocol',
  'internal_ip_address',
  'internal_port',
  'internal_port_id',
  'external_port',
  'description',
];

export function portForwardingRoutes(state: FakeState): Route[] {
  const floatingIpOf = (id: string) => {
    if (!state.extensions.has('floating-ip-port-forwarding'))
      throw neutronError(404, 'HTTPNotFound', 'The resource could not be found.');
    return found(state.floatingIps, id, 'FloatingIPNotFound', `Floating IP ${id} could not be found`);
  };
  const of = (id: string) => visible(state.forwardings).filter(({ floatingIp }) => floatingIp === id);
  const view = ({ floatingIp: _, ...forwarding }: ReturnType<typeof of>[number]) => bare(forwarding);

  return [
    [
      'GET',
      '/floatingips/*/port_forwardings',
      (heard, id = '') => listReply(state, 'port_forwardings', of(floatingIpOf(id).id).map(view), heard),
    ],
    [
      'POST',
      '/floatingips/*/port_forwardings',
      (heard, id = '') => {
        floatingIpOf(id);
        const fields = bodyOf(heard, 'port_forwarding', NAMES);
        const made = { ...checked(state, id, fields), id: randomUUID(), floatingIp: id };
        return { status: 201, body: { port_forwarding: view(keep(state, state.forwardings, made)) } };
      },
    ],
    [
      'DELETE',
      '/floatingips/*/port_forwardings/*',
      (_heard, id = '', forwarding = '') => {
        floatingIpOf(id);
        if (!of(id).some((each) => each.id === forwarding)) {
          const words = `Port Forwarding ${forwarding} could not be found.`;
          throw neutronError(404, 'PortForwardingNotFound', words);
        }
        state.forwardings.delete(forwarding);
        return { status: 204 };
      },
    ],
  ];
}

function checked(state: FakeState, id: string, fields: Fields) {
  const floatingIp = state.floatingIps.get(id);
  const wanted = wantedOf(fields);
  const { internal_port_id: portId, internal_ip_address: address } = wanted;
  const port = found(state.ports, portId, 'PortNotFound', `Port ${portId} could not be found.`);
  if (floatingIp === undefined) throw new Error('the route has looked for it');
  checkUnbound(state, floatingIp, portId, address);
  const fixed = port.fixed_ips.find(({ ip_address }) => ip_address === address);
  if (fixed === undefined) {
    const words =
      `Requested internal IP address ${address} is not suitable for internal neutron port ${portId}, as its fixed_ips are ` +
      `${JSON.stringify(port.fixed_ips)}.`;
    throw badRequest(words);
  }
  if (!isReachable(state, floatingIp.floating_network_id, fixed.subnet_id)) {
    const words =
      `External network ${floatingIp.floating_network_id} is not reachable from subnet ${fixed.subnet_id}. Cannot set Port ` +
      `forwarding for port ${portId} with Floating IP ${id}.`;
    throw badRequest(words);
  }
  checkCollisions(state, id, wanted);
  return wanted;
}

/** Neither the floating IP points to a port, nor the port has a floating IP of its own. */
function checkUnbound(state: FakeState, floatingIp: OsFloatingIp, portId: string, address: string): void {
  const bound = [...state.floatingIps.values()].find((each) => each.port_id === portId);
  if (bound !== undefined) {
    const words =
      `Cannot create port forwarding to floating IP ${bound.floating_ip_address} (${bound.id}) with port ${portId} using ` +
      `fixed IP ${address}, as that port already has a binding floating IP.`;
    throw neutronError(409, 'PortHasBindingFloatingIP', words);
  }
  if (floatingIp.port_id === null) return;
  const words =
    `Cannot associate floating IP ${floatingIp.floating_ip_address} (${floatingIp.id}) with port ${floatingIp.port_id} using ` +
    `fixed IP ${floatingIp.fixed_ip_address}, as that fixed IP already has a floating IP on external network ` +
    `${floatingIp.floating_network_id}.`;
  throw neutronError(409, 'FloatingIPPortAlreadyAssociated', words);
}

function checkCollisions(state: FakeState, id: string, wanted: ReturnType<typeof wantedOf>): void {
  const { internal_port: internal, external_port: external } = wanted;
  const same = [...state.forwardings.values()].filter((each) => each.protocol === wanted.protocol);
  const collide = (side: string, port: number) =>
    badRequest(
      `There is a port collision with the ${side}_port_range. The following ranges collides: ${port}:${port} and ${port}:${port}.`,
    );
  const target = (each: typeof wanted) =>
    each.internal_port_id === wanted.internal_port_id &&
    each.internal_ip_address === wanted.internal_ip_address &&
    each.internal_port === internal;
  if (same.some(target)) throw collide('internal', internal);
  if (same.some((each) => each.floatingIp === id && each.external_port === external))
    throw collide('external', external);
}

function wantedOf(fields: Fields) {
  const protocol = textOf(fields, 'protocol') ?? '';
  const portOf = (key: string): number => {
    const port = numberOf(fields, key) ?? 0;
    if (port >= 1 && port <= 65_535) return port;
    throw neutronError(400, 'HTTPBadRequest', `Invalid input for ${key}. Reason: '${port}' is not a port.`);
  };
  if (!['tcp', 'udp'].includes(protocol)) {
    const words = `Invalid input for operation: IP protocol '${protocol}' is not supported.`;
    throw neutronError(400, 'InvalidInput', words);
  }
  const description = textOf(fields, 'description');
  return {
    protocol,
    internal_port: portOf('internal_port'),
    external_port: portOf('external_port'),
    internal_ip_address: textOf(fields, 'internal_ip_address') ?? '',
    internal_port_id: textOf(fields, 'internal_port_id') ?? '',
    ...(description !== undefined && { description }),
  };
}

function badRequest(words: string) {
  return neutronError(400, 'BadRequest', `Bad port_forwarding request: ${words}`);
}
