/** What all of the fake Neutron's nouns share: attributes, filters, pages, quotas, revisions. */
import { type FakeState, type Kept, visible } from './state.ts';
import { type Fields, fieldsOf, type Heard, neutronError, type Reply } from './wire.ts';

/** The thing in a body, with nothing in it that the noun does not have. */
export function bodyOf(heard: Heard, key: string, attributes: readonly string[]): Fields {
  const fields = fieldsOf(heard.body, key, (message) => neutronError(400, 'HTTPBadRequest', message));
  const foreign = Object.keys(fields).filter((name) => !attributes.includes(name));
  if (foreign.length > 0)
    throw neutronError(400, 'HTTPBadRequest', `Unrecognized attribute(s) '${foreign.join(', ')}'`);
  for (const name of ['name', 'description'] as const) {
    const value = fields[name];
    if (typeof value === 'string' && value.length > 255) {
      const words = `Invalid input for ${name}. Reason: '${value}' exceeds maximum length of 255.`;
      throw neutronError(400, 'HTTPBadRequest', words);
    }
  }
  return fields;
}

/** A list as its filters and page want it; the frame of every list call. */
export function listReply(state: FakeState, key: string, all: Fields[], { query, path }: Heard): Reply {
  const foreign = [...query.keys()].find(
    (name) => !NO_FILTERS.includes(name) && !FILTERS[key]?.includes(name),
  );
  if (foreign !== undefined)
    throw neutronError(400, 'HTTPBadRequest', `['${foreign}'] is invalid attribute for filtering`);
  const shown = all.filter((thing) => [...query].every(([name, value]) => matches(thing, name, value)));
  const marker = query.get('marker');
  const from = marker === null ? 0 : shown.findIndex(({ id }) => id === marker) + 1;
  const size = Math.min(Number(query.get('limit') ?? state.pageSize), state.pageSize);
  const page = shown.slice(from, from + size);
  const last = page.at(-1);
  if (from + size >= shown.length || last === undefined) return { status: 200, body: { [key]: page } };
  const next = new URLSearchParams(query);
  next.set('marker', String(last.id));
  next.set('limit', String(size));
  const href = `http://unreachable.invalid/v2.0${path}?${next}`;
  return { status: 200, body: { [key]: page, [`${key}_links`]: [{ rel: 'next', href }] } };
}

/** What Neutron's extension "filter-validation" lets pass, of the fields that the fake has. */
const FILTERS: Readonly<Record<string, readonly string[]>> = {
  networks: ['id', 'name', 'router:external', 'mtu', 'port_security_enabled', 'status', 'shared', 'tags'],
  subnets: ['id', 'name', 'network_id', 'cidr', 'ip_version', 'gateway_ip', 'enable_dhcp', 'tags'],
  routers: ['id', 'name', 'tags'],
  ports: [
    ...[
      'id',
      'name',
      'network_id',
      'device_id',
      'device_owner',
      'mac_address',
      'fixed_ips',
      'status',
      'description',
    ],
    ...['tags', 'revision_number', 'security_groups'],
  ],
  floatingips: [
    ...[
      'id',
      'floating_ip_address',
      'floating_network_id',
      'fixed_ip_address',
      'port_id',
      'status',
      'description',
    ],
    ...['tags', 'revision_number'],
  ],
  security_groups: ['id', 'name', 'description', 'tags', 'revision_number'],
  port_forwardings: ['id', 'protocol', 'internal_port_id', 'external_port'],
  extensions: [],
};
const NO_FILTERS = ['limit', 'marker', 'fields', 'sort_key', 'sort_dir', 'page_reverse'];

function matches(thing: Fields, name: string, value: string): boolean {
  if (NO_FILTERS.includes(name)) return true;
  if (name === 'tags')
    return value.split(',').every((tag) => (thing.tags as string[] | undefined)?.includes(tag));
  if (name === 'fixed_ips') {
    const [key = '', wanted] = value.split('=');
    return (thing.fixed_ips as Fields[]).some((each) => each[key] === wanted);
  }
  if (name === 'security_groups') return (thing.security_groups as string[]).includes(value);
  return String(thing[name]) === value;
}

/** Nothing that is visible has the id. */
export function found<T extends Kept>(
  table: ReadonlyMap<string, T>,
  id: string,
  type: string,
  words: string,
): T {
  const thing = table.get(id);
  if (thing === undefined || thing.visibleAt > Date.now()) throw neutronError(404, type, words);
  return thing;
}

/** Also what is not yet visible counts. */
export function usedOf(state: FakeState): Record<string, number> {
  return {
    network: [...state.networks.values()].filter((each) => !each['router:external']).length,
    subnet: state.subnets.size,
    port: state.ports.size,
    router: state.routers.size,
    floatingip: state.floatingIps.size,
    security_group: state.groups.size,
    security_group_rule: state.rules.size,
  };
}

export function checkQuota(state: FakeState, resource: string): void {
  const limit = state.quotas[resource] ?? -1;
  if (limit >= 0 && (usedOf(state)[resource] ?? 0) >= limit)
    throw neutronError(409, 'OverQuota', `Quota exceeded for resources: ['${resource}'].`);
}

/** Refuses a change whose If-Match names another revision, and counts the new one. */
export function revise(state: FakeState, heard: Heard, thing: { revision_number: number }): void {
  const wanted = /^revision_number=(\d+)$/.exec(heard.headers['if-match'] ?? '')?.[1];
  if (
    wanted !== undefined &&
    state.extensions.has('revision-if-match') &&
    Number(wanted) !== thing.revision_number
  ) {
    const words = `Constrained to ${wanted}, but current revision is ${thing.revision_number}`;
    throw neutronError(412, 'RevisionNumberConstraintFailed', words);
  }
}

export function bump(thing: { revision_number: number }): void {
  thing.revision_number += 1;
}

export function shown<T extends Kept>(table: ReadonlyMap<string, T>): Omit<T, 'visibleAt'>[] {
  return visible(table).map(bare);
}

export function bare<T extends Kept>({ visibleAt: _, ...thing }: T): Omit<T, 'visibleAt'> {
  return thing;
}
