/** The fake Neutron's port forwardings, with the refusals of neutron/services/portforwarding/pf_plugin.py. */
import { randomUUID } from 'node:crypto';
import { bare, bodyOf, found, listReply } from './neutron.ts';
import { checkReachable } from './neutron-floating-ips.ts';
import { type FakeState, keep, visible } from './state.ts';
import { type Fields, neutronError, numberOf, Refused, type Route, textOf } from './wire.ts';

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
    if (!state.extensions.has('floating-ip-port-forwarding')) throw new Refused(NO_RESOURCE);
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

const NO_RESOURCE = {
  status: 404,
  body: { message: 'The resource could not be found.', code: '404 Not Found', title: 'Not Found' },
};

function checked(state: FakeState, id: string, fields: Fields) {
  const floatingIp = found(
    state.floatingIps,
    id,
    'FloatingIPNotFound',
    `Floating IP ${id} could not be found`,
  );
  const wanted = wantedOf(fields);
  const { internal_port_id: portId, internal_ip_address: address } = wanted;
  if (floatingIp.port_id !== null) {
    const words =
      `Floating IP ${id} cannot be associated with port ${portId} using port forwarding: it is already associated with ` +
      `port ${floatingIp.port_id}.`;
    throw neutronError(409, 'FloatingIPPortAlreadyAssociated', words);
  }
  const port = found(state.ports, portId, 'PortNotFound', `Port ${portId} could not be found.`);
  const bound = [...state.floatingIps.values()].find((each) => each.port_id === portId);
  if (bound !== undefined) {
    const words =
      `Cannot create port forwarding to floating IP ${floatingIp.floating_ip_address} (${id}) with port ${portId} using ` +
      `fixed IP ${address}, as that port already has a binding floating IP.`;
    throw neutronError(409, 'PortHasBindingFloatingIP', words);
  }
  const fixed = port.fixed_ips.find(({ ip_address }) => ip_address === address);
  if (fixed === undefined) {
    const words = `The value does not match the port: ${address} is not a fixed address of port ${portId}.`;
    throw badRequest(words);
  }
  checkReachable(state, floatingIp, port, fixed.subnet_id);
  const twins = [...state.forwardings.values()].filter((each) => each.protocol === wanted.protocol);
  if (twins.some((each) => each.floatingIp === id && each.external_port === wanted.external_port))
    throw duplicate(`external port ${wanted.external_port} of floating IP ${id} is forwarded already`);
  if (
    twins.some(
      (each) =>
        each.internal_port_id === portId &&
        each.internal_ip_address === address &&
        each.internal_port === wanted.internal_port,
    )
  )
    throw duplicate(`port ${wanted.internal_port} of ${address} is forwarded to already`);
  return wanted;
}

function wantedOf(fields: Fields) {
  const protocol = textOf(fields, 'protocol') ?? '';
  const [internal, external] = [
    numberOf(fields, 'internal_port') ?? 0,
    numberOf(fields, 'external_port') ?? 0,
  ];
  const inRange = (port: number) => port >= 1 && port <= 65_535;
  if (!['tcp', 'udp'].includes(protocol) || !inRange(internal) || !inRange(external))
    throw badRequest('Invalid input for protocol or port.');
  const description = textOf(fields, 'description');
  return {
    protocol,
    internal_port: internal,
    external_port: external,
    internal_ip_address: textOf(fields, 'internal_ip_address') ?? '',
    internal_port_id: textOf(fields, 'internal_port_id') ?? '',
    ...(description !== undefined && { description }),
  };
}

function badRequest(words: string) {
  return neutronError(400, 'BadRequest', `Bad port_forwarding request: ${words}`);
}

function duplicate(words: string) {
  return badRequest(
    `A duplicate port forwarding entry with same attributes already exists, conflicting values are ${words}.`,
  );
}
