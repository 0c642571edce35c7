/** The fake Neutron's floating IPs: external networks only, one for each fixed address, and a router on the way. */
import { randomUUID } from 'node:crypto';
import type { OsFloatingIp } from '../../../src/openstack/client.ts';
import { freeAddress } from './addresses.ts';
import { bare, bodyOf, bump, checkQuota, found, listReply, revise, shown } from './neutron.ts';
import { type FakePort, type FakeState, keep } from './state.ts';
import { type Fields, neutronError, type Route, textOf } from './wire.ts';

type Target = Pick<OsFloatingIp, 'port_id' | 'fixed_ip_address'>;

const NOWHERE: Target = { port_id: null, fixed_ip_address: null };

export function floatingIpRoutes(state: FakeState): Route[] {
  const one = (id: string) =>
    found(state.floatingIps, id, 'FloatingIPNotFound', `Floating IP ${id} could not be found`);

  return [
    ['GET', '/floatingips', (heard) => listReply(state, 'floatingips', shown(state.floatingIps), heard)],
    ['GET', '/floatingips/*', (_heard, id = '') => ({ status: 200, body: { floatingip: bare(one(id)) } })],
    [
      'POST',
      '/floatingips',
      (heard) => {
        const names = [
          'floating_network_id',
          'port_id',
          'fixed_ip_address',
          'description',
          'floating_ip_address',
        ];
        const fields = bodyOf(heard, 'floatingip', names);
        const made = keep(state, state.floatingIps, created(state, fields));
        return { status: 201, body: { floatingip: bare(made) } };
      },
    ],
    [
      'PUT',
      '/floatingips/*',
      (heard, id = '') => {
        const floatingIp = one(id);
        const fields = bodyOf(heard, 'floatingip', ['port_id', 'fixed_ip_address', 'description']);
        revise(state, heard, floatingIp);
        const description = textOf(fields, 'description') ?? floatingIp.description;
        Object.assign(floatingIp, targetOf(state, floatingIp, fields), { description });
        bump(floatingIp);
        return { status: 200, body: { floatingip: bare(floatingIp) } };
      },
    ],
    [
      'DELETE',
      '/floatingips/*',
      (_heard, id = '') => {
        checkUnused(state, one(id));
        state.floatingIps.delete(id);
        return { status: 204 };
      },
    ],
  ];
}

/**
 * What the agent on the network's node does after the answer is out: it sets the status, and that is a revision of its own. So the
 * revision in an answer to a change is not the one that the next read shows.
 */
export function followUp(state: FakeState): void {
  for (const floatingIp of state.floatingIps.values()) {
    const status = floatingIp.port_id === null ? 'DOWN' : 'ACTIVE';
    if (floatingIp.status === status) continue;
    floatingIp.status = status;
    bump(floatingIp);
  }
}

function created(state: FakeState, fields: Fields): OsFloatingIp {
  const network = state.networks.get(textOf(fields, 'floating_network_id') ?? '');
  if (network?.['router:external'] !== true)
    throw badRequest(`Network ${fields.floating_network_id} is not a valid external network`);
  checkQuota(state, 'floatingip');
  const subnet = [...state.subnets.values()].find(({ network_id }) => network_id === network.id);
  const taken = [...state.floatingIps.values()].map(({ floating_ip_address }) => floating_ip_address);
  const address = subnet && freeAddress(subnet.cidr, new Set([...taken, subnet.gateway_ip ?? '']));
  if (address === undefined) {
    const words = `Unable to find any IP address on external network ${network.id}.`;
    throw neutronError(400, 'ExternalIpAddressExhausted', words);
  }
  const blank: OsFloatingIp = {
    id: randomUUID(),
    floating_ip_address: address,
    floating_network_id: network.id,
    ...NOWHERE,
    status: 'DOWN',
    description: textOf(fields, 'description') ?? '',
    tags: [],
    revision_number: 1,
  };
  return { ...blank, ...targetOf(state, blank, fields) };
}

/** Where it points after the change; without `port_id` it stays, as Neutron has it only for PUT since Queens. */
function targetOf(state: FakeState, floatingIp: OsFloatingIp, fields: Fields): Target {
  if (!('port_id' in fields)) return floatingIp;
  if (fields.port_id === null) return NOWHERE;
  const id = String(fields.port_id);
  const port = found(state.ports, id, 'PortNotFound', `Port ${id} could not be found.`);
  checkUnused(state, floatingIp);
  const fixed = fixedAddressOf(port, textOf(fields, 'fixed_ip_address'));
  const other = [...state.floatingIps.values()].find(
    (each) => each.id !== floatingIp.id && each.port_id === id && each.fixed_ip_address === fixed.ip_address,
  );
  if (other !== undefined) {
    const words =
      `Cannot associate floating IP ${floatingIp.floating_ip_address} (${floatingIp.id}) with port ${id} using fixed IP ` +
      `${fixed.ip_address}, as that fixed IP already has a floating IP on external network ${floatingIp.floating_network_id}.`;
    throw neutronError(409, 'FloatingIPPortAlreadyAssociated', words);
  }
  const outside = floatingIp.floating_network_id;
  if (!isReachable(state, outside, fixed.subnet_id)) {
    const words =
      `External network ${outside} is not reachable from subnet ${fixed.subnet_id}.  Therefore, cannot associate Port ` +
      `${id} with a Floating IP.`;
    throw neutronError(404, 'ExternalGatewayForFloatingIPNotFound', words);
  }
  return { port_id: id, fixed_ip_address: fixed.ip_address };
}

function checkUnused(state: FakeState, { id }: OsFloatingIp): void {
  if (![...state.forwardings.values()].some(({ floatingIp }) => floatingIp === id)) return;
  throw neutronError(
    409,
    'FipInUseByPortForwarding',
    `Floating IP ${id} in use by Port Forwarding resources.`,
  );
}

function fixedAddressOf(
  { id, fixed_ips }: FakePort,
  wanted: string | undefined,
): FakePort['fixed_ips'][number] {
  if (wanted === undefined && fixed_ips.length > 1) {
    const words = `Port ${id} has multiple fixed IPv4 addresses.  Must provide a specific IPv4 address when assigning a floating IP`;
    throw badRequest(words);
  }
  const chosen = fixed_ips.find(({ ip_address }) => wanted === undefined || ip_address === wanted);
  if (chosen !== undefined) return chosen;
  if (wanted === undefined)
    throw badRequest(`Cannot add floating IP to port ${id} that has no fixed IPv4 addresses`);
  throw badRequest(`Port ${id} does not have fixed ip ${wanted}`);
}

/** By a router that has an interface in the subnet and its gateway on the external network. */
export function isReachable(state: FakeState, outside: string, subnet: string): boolean {
  return [...state.routers.values()].some(
    ({ interfaces, external_gateway_info }) =>
      interfaces.includes(subnet) && external_gateway_info?.network_id === outside,
  );
}

function badRequest(words: string) {
  return neutronError(400, 'BadRequest', `Bad floatingip request: ${words}.`);
}
