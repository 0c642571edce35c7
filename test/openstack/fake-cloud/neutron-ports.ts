/** The fake Neutron's ports: fixed addresses, groups, allowed address pairs. */
import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { pairsOf } from './address-pairs.ts';
import { contains, freeAddress } from './addresses.ts';
import { bare, bodyOf, bump, checkQuota, found, listReply, revise, shown } from './neutron.ts';
import { type FakePort, type FakeState, keep } from './state.ts';
import { type Fields, listOf, neutronError, type Route, textOf, textsOf } from './wire.ts';

const CHANGEABLE = [
  'name',
  'description',
  'fixed_ips',
  'security_groups',
  'allowed_address_pairs',
  'port_security_enabled',
  'device_id',
  'device_owner',
  'admin_state_up',
];

export function portRoutes(state: FakeState): Route[] {
  const one = (id: string) => found(state.ports, id, 'PortNotFound', `Port ${id} could not be found.`);

  return [
    ['GET', '/ports', (heard) => listReply(state, 'ports', shown(state.ports).map(view), heard)],
    ['GET', '/ports/*', (_heard, id = '') => ({ status: 200, body: { port: view(bare(one(id))) } })],
    [
      'POST',
      '/ports',
      (heard) => {
        const fields = bodyOf(heard, 'port', [...CHANGEABLE, 'network_id', 'mac_address']);
        const port = createPort(state, fields, false);
        return { status: 201, body: { port: view(bare(port)) } };
      },
    ],
    [
      'PUT',
      '/ports/*',
      async (heard, id = '') => {
        const port = one(id);
        const fields = bodyOf(heard, 'port', CHANGEABLE);
        revise(state, heard, port);
        const next = changed(state, port, fields);
        if (state.writeMs > 0) await sleep(state.writeMs);
        Object.assign(port, next);
        bump(port);
        return { status: 200, body: { port: view(bare(port)) } };
      },
    ],
    [
      'DELETE',
      '/ports/*',
      (_heard, id = '') => {
        removePort(state, one(id));
        return { status: 204 };
      },
    ],
  ];
}

function view({ ofNova: _, ...port }: Omit<FakePort, 'visibleAt'>): Fields {
  return { ...port, admin_state_up: true };
}

export function createPort(state: FakeState, fields: Fields, ofNova: boolean): FakePort {
  const network = found(
    state.networks,
    textOf(fields, 'network_id') ?? '',
    'NetworkNotFound',
    `Network ${textOf(fields, 'network_id')} could not be found.`,
  );
  const id = randomUUID();
  const blank: FakePort = {
    id,
    name: '',
    network_id: network.id,
    device_id: '',
    device_owner: '',
    mac_address:
      textOf(fields, 'mac_address') ??
      state.macs.shift() ??
      `fa:16:3e:${randomBytes(3)
        .toString('hex')
        .replace(/..(?=.)/g, '$&:')}`,
    fixed_ips: [],
    security_groups: network.port_security_enabled ? [defaultGroup(state)] : [],
    allowed_address_pairs: [],
    port_security_enabled: network.port_security_enabled,
    status: 'DOWN',
    description: '',
    tags: [],
    revision_number: 1,
    visibleAt: 0,
    ofNova,
  };
  const port = { ...blank, ...changed(state, blank, { fixed_ips: undefined, ...fields }) };
  checkQuota(state, 'port');
  return keep(state, state.ports, port);
}

/** Floating IPs that point to it stay, pointing nowhere; forwardings to it go. */
export function removePort(state: FakeState, port: FakePort): void {
  if (port.device_owner === 'network:router_interface') {
    const words = `Port ${port.id} cannot be deleted directly via the port API: has device owner ${port.device_owner}.`;
    throw neutronError(409, 'ServicePortInUse', words);
  }
  for (const floatingIp of state.floatingIps.values()) {
    if (floatingIp.port_id !== port.id) continue;
    Object.assign(floatingIp, { port_id: null, fixed_ip_address: null });
    bump(floatingIp);
  }
  for (const [id, forwarding] of state.forwardings)
    if (forwarding.internal_port_id === port.id) state.forwardings.delete(id);
  state.ports.delete(port.id);
}

/** What the fields make of the port; refused where they do not fit. */
function changed(state: FakeState, port: FakePort, fields: Fields): Partial<FakePort> {
  const groups = textsOf(fields, 'security_groups');
  for (const id of groups ?? [])
    if (!state.groups.has(id))
      throw neutronError(404, 'SecurityGroupNotFound', `Security group ${id} does not exist`);
  const secured = (fields.port_security_enabled as boolean | undefined) ?? port.port_security_enabled;
  const securityGroups = groups ?? port.security_groups;
  if (!secured && securityGroups.length > 0) {
    const words =
      'Port has security group associated. Cannot disable port security or IP address until security group is removed';
    throw neutronError(409, 'PortSecurityPortHasSecurityGroup', words);
  }
  const pairs = pairsOf(port, fields);
  if (!secured && pairs.length > 0) {
    const words = 'Port Security must be enabled in order to have allowed address pairs on a port.';
    throw neutronError(409, 'AddressPairAndPortSecurityRequired', words);
  }
  const texts = ['name', 'description', 'device_id', 'device_owner'].filter(
    (key) => textOf(fields, key) !== undefined,
  );
  return {
    ...Object.fromEntries(texts.map((key) => [key, fields[key]])),
    security_groups: securityGroups,
    port_security_enabled: secured,
    allowed_address_pairs: pairs,
    ...('fixed_ips' in fields && { fixed_ips: addressesOf(state, port, listOf(fields, 'fixed_ips')) }),
  };
}

/** @param wanted undefined: one address of the network's first subnet, if it has one */
function addressesOf(state: FakeState, port: FakePort, wanted: Fields[] | undefined): FakePort['fixed_ips'] {
  const subnets = [...state.subnets.values()].filter(({ network_id }) => network_id === port.network_id);
  const others = [...state.ports.values()]
    .filter(({ id }) => id !== port.id)
    .flatMap(({ fixed_ips }) => fixed_ips);
  const gateways = subnets.map(({ gateway_ip }) => gateway_ip ?? '');
  const taken = new Set([...gateways, ...others.map(({ ip_address }) => ip_address)]);
  return (wanted ?? (subnets.length === 0 ? [] : [{}])).map((each) => {
    const address = textOf(each, 'ip_address');
    const subnet = subnets.find(
      ({ id, cidr }) =>
        (each.subnet_id === undefined || each.subnet_id === id) &&
        (address === undefined || contains(cidr, address)),
    );
    if (subnet === undefined) {
      const words = `IP address ${address} is not a valid IP for the specified subnet.`;
      throw neutronError(400, 'InvalidIpForSubnet', words);
    }
    if (address !== undefined && taken.has(address)) {
      const words = `IP address ${address} already allocated in subnet ${subnet.id}`;
      throw neutronError(409, 'IpAddressAlreadyAllocated', words);
    }
    const given = address ?? freeAddress(subnet.cidr, taken, subnet.allocation_pools?.[0]);
    if (given === undefined) {
      const words = `No more IP addresses available on network ${port.network_id}.`;
      throw neutronError(409, 'IpAddressGenerationFailure', words);
    }
    taken.add(given);
    return { subnet_id: subnet.id, ip_address: given };
  });
}

function defaultGroup(state: FakeState): string {
  return [...state.groups.values()].find(({ name }) => name === 'default')?.id ?? '';
}
