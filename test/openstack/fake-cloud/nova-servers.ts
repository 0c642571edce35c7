/** The fake Nova's servers: from BUILD to ACTIVE or ERROR, and away. */
import { randomUUID } from 'node:crypto';
import { createPort, removePort } from './neutron-ports.ts';
import { novaPage } from './nova-pages.ts';
import { type FakePort, type FakeServer, type FakeState, keep, visible } from './state.ts';
import { type Fields, fieldsOf, isFields, listOf, novaError, type Route, textOf } from './wire.ts';

const MOST_USER_DATA = 65_535;

export function serverRoutes(state: FakeState): Route[] {
  return [
    [
      'GET',
      '/servers/detail',
      (heard) => {
        const name = heard.query.get('name');
        const all = present(state).filter((each) => name === null || new RegExp(name).test(each.name));
        return novaPage(
          state,
          'servers',
          all.map((each) => view(state, each)),
          heard,
        );
      },
    ],
    [
      'GET',
      '/servers/*',
      (_heard, id = '') => ({ status: 200, body: { server: view(state, findServer(state, id)) } }),
    ],
    [
      'POST',
      '/servers',
      (heard) => {
        const fields = fieldsOf(heard.body, 'server', (message) => novaError(400, message));
        const server = created(state, fields);
        return { status: 202, body: { server: { id: server.id, links: [] } } };
      },
    ],
    [
      'DELETE',
      '/servers/*',
      (_heard, id = '') => {
        const server = findServer(state, id);
        server.goneAt ??= Date.now() + state.deleteMs;
        present(state);
        return { status: 204 };
      },
    ],
    [
      'POST',
      '/servers/*/metadata',
      (heard, id = '') => {
        const server = findServer(state, id);
        Object.assign(server.metadata, metadataOf(heard.body));
        return { status: 200, body: { metadata: server.metadata } };
      },
    ],
    [
      'POST',
      '/servers/*/action',
      (heard, id = '') => {
        const server = findServer(state, id);
        const action = fieldsOf(heard.body, 'os-getConsoleOutput', (message) => novaError(400, message));
        if (Date.now() < server.activeAt) throw novaError(409, `Instance ${id} is not ready`);
        const lines = (server.console ?? state.console).split('\n');
        const length = typeof action.length === 'number' ? action.length : lines.length;
        return { status: 200, body: { output: lines.slice(-length).join('\n') } };
      },
    ],
  ];
}

/** Those that are there; what has been deleted for long enough goes on the way, as Nova cleans up in the background. */
function present(state: FakeState): FakeServer[] {
  for (const server of state.servers.values()) {
    if (server.goneAt === undefined || server.goneAt > Date.now()) continue;
    state.servers.delete(server.id);
    for (const port of portsOf(state, server.id)) release(state, port);
  }
  return [...state.servers.values()].filter(({ visibleAt }) => visibleAt <= Date.now());
}

export function findServer(state: FakeState, id: string): FakeServer {
  const found = present(state).find((each) => each.id === id);
  if (found === undefined) throw novaError(404, `Instance ${id} could not be found.`);
  return found;
}

export function portsOf(state: FakeState, server: string): FakePort[] {
  return [...state.ports.values()].filter(({ device_id }) => device_id === server);
}

/** Ports that Nova made go along; those that it was given stay. */
export function release(state: FakeState, port: FakePort): void {
  if (port.ofNova) removePort(state, port);
  else {
    Object.assign(port, { device_id: '', device_owner: '', status: 'DOWN' });
    port.revision_number += 1;
  }
}

export function bind(port: FakePort, server: string): void {
  if (port.device_id !== '') throw novaError(409, `Port ${port.id} is still in use.`);
  Object.assign(port, { device_id: server, device_owner: 'compute:nova', status: 'ACTIVE' });
  port.revision_number += 1;
}

export function portFor(state: FakeState, id: string, status: 400 | 404): FakePort {
  const port = state.ports.get(id);
  if (port === undefined) throw novaError(status, `Port id ${id} could not be found.`);
  if (port.device_id !== '') throw novaError(409, `Port ${id} is still in use.`);
  return port;
}

function created(state: FakeState, fields: Fields): FakeServer {
  const flavor = state.flavors.get(textOf(fields, 'flavorRef') ?? '');
  if (!state.images.has(textOf(fields, 'imageRef') ?? ''))
    throw novaError(400, `Image ${fields.imageRef} could not be found.`);
  if (flavor === undefined) throw novaError(400, `Flavor ${fields.flavorRef} could not be found.`);
  const key = textOf(fields, 'key_name');
  if (key !== undefined && !state.keypairs.has(key)) throw novaError(400, 'Invalid key_name provided.');
  const userData = userDataOf(fields);
  checkLimits(state, flavor);
  const wanted = networksOf(state, fields);
  const given = wanted.map((each) =>
    each.port === undefined ? undefined : portFor(state, String(each.port), 400),
  );
  const server = keep(state, state.servers, {
    id: randomUUID(),
    name: textOf(fields, 'name') ?? '',
    flavor: flavor.id,
    key_name: key ?? null,
    metadata: 'metadata' in fields ? metadataOf(fields) : {},
    user_data: userData,
    config_drive: fields.config_drive === true,
    activeAt: Date.now() + state.buildMs,
    goneAt: undefined,
    fault: state.buildFault === undefined ? undefined : { message: state.buildFault },
    status: 'running' as const,
    console: undefined,
  });
  for (const [index, port] of given.entries())
    bind(port ?? createPort(state, { network_id: wanted[index]?.uuid }, true), server.id);
  return server;
}

/** The only network of the project, where none is named. */
function networksOf(state: FakeState, fields: Fields): Fields[] {
  const named = listOf(fields, 'networks') ?? [];
  if (named.length > 0) return named;
  const own = visible(state.networks).filter((each) => !each['router:external']);
  if (own.length > 1)
    throw novaError(409, 'Multiple possible networks found, use a Network ID to be more specific.');
  return own.map(({ id }) => ({ uuid: id }));
}

function userDataOf(fields: Fields): string | undefined {
  const value = textOf(fields, 'user_data');
  if (value === undefined) return undefined;
  if (value.length > MOST_USER_DATA)
    throw novaError(400, `Invalid input for field/attribute user_data. Value: … is too long`);
  if (!/^[A-Za-z0-9+/\n]*={0,2}\n?$/.test(value))
    throw novaError(
      400,
      `Invalid input for field/attribute user_data. Value: ${value}. '${value}' is not a 'base64'`,
    );
  return value;
}

function metadataOf(body: unknown): Record<string, string> {
  const metadata = isFields(body) && isFields(body.metadata) ? body.metadata : {};
  for (const [name, value] of Object.entries(metadata)) {
    if (typeof value !== 'string' || value.length > 255 || name.length > 255)
      throw novaError(
        400,
        `Invalid input for field/attribute ${name}. Value: ${value}. '${value}' is too long`,
      );
  }
  return metadata as Record<string, string>;
}

export function usedLimits(state: FakeState): { instances: number; cores: number; ram: number } {
  const flavors = present(state).map(({ flavor }) => state.flavors.get(flavor));
  return {
    instances: flavors.length,
    cores: flavors.reduce((sum, each) => sum + (each?.vcpus ?? 0), 0),
    ram: flavors.reduce((sum, each) => sum + (each?.ram ?? 0), 0),
  };
}

function checkLimits(state: FakeState, flavor: { vcpus: number; ram: number }): void {
  const used = usedLimits(state);
  for (const [name, more] of [
    ['instances', 1],
    ['cores', flavor.vcpus],
    ['ram', flavor.ram],
  ] as const) {
    const limit = state.limits[name];
    if (limit < 0 || used[name] + more <= limit) continue;
    const words = `Quota exceeded for ${name}: Requested ${more}, but already used ${used[name]} of ${limit} ${name}`;
    throw novaError(403, words);
  }
}

function view(state: FakeState, server: FakeServer): Fields {
  const { id, name, key_name, metadata, fault, activeAt, goneAt, config_drive } = server;
  const building = Date.now() < activeAt;
  const failed = !building && fault !== undefined;
  const running = server.status === 'running' ? 'ACTIVE' : server.status;
  return {
    id,
    name,
    key_name,
    metadata,
    status: building ? 'BUILD' : failed ? 'ERROR' : running,
    'OS-EXT-STS:task_state': goneAt !== undefined ? 'deleting' : building ? 'spawning' : null,
    config_drive: config_drive ? 'True' : '',
    addresses: building ? {} : addressesOf(state, id),
    ...(failed && { fault: { code: 500, created: '2026-01-01T00:00:00Z', ...fault } }),
  };
}

function addressesOf(state: FakeState, server: string): Fields {
  const found: Record<string, Fields[]> = {};
  for (const port of portsOf(state, server)) {
    const name = state.networks.get(port.network_id)?.name ?? '';
    const floating = [...state.floatingIps.values()].filter(({ port_id }) => port_id === port.id);
    const all = [
      ...port.fixed_ips.map(({ ip_address }) => ({ addr: ip_address, 'OS-EXT-IPS:type': 'fixed' })),
      ...floating.map(({ floating_ip_address }) => ({
        addr: floating_ip_address,
        'OS-EXT-IPS:type': 'floating',
      })),
    ].map((each) => ({ ...each, version: 4, 'OS-EXT-IPS-MAC:mac_addr': port.mac_address }));
    found[name] = [...(found[name] ?? []), ...all];
  }
  return found;
}
