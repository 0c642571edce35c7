/** Tells in a fake cloud what came since a moment from what was there, and whether that is as it was. */
import { parseClaim, parseCloudMark } from '../../../src/core/tags/cloud-tag.ts';
import type { FakeState } from '../../openstack/fake-cloud/state.ts';

/** How many things of a kind there are beside those that were there. */
export interface InCloud {
  floatingIps: number;
  /** Those that were there and now lead somewhere. */
  lent: number;
  forwardings: number;
  ports: number;
  plugged: number;
  groups: number;
  /** Groups on the host's port. */
  hung: number;
  /** Rules that let something in. */
  rules: number;
  claims: number;
  /** Pairs on the host's port. */
  pairs: number;
}

export interface CloudLedger {
  standing(): InCloud;
  /** Doors named in marks and tags. */
  owners(): string[];
  /** Whether a new rule lets people in to a port. */
  isOpen(port: number): boolean;
  /** All that was there, as text, without what doors may change for their time: groups and pairs of the host's port. */
  others(): string;
}

const TABLES = ['networks', 'subnets', 'routers', 'servers', 'keypairs', 'flavors', 'images'] as const;
const COUNTED = ['floatingIps', 'forwardings', 'ports', 'groups', 'rules'] as const;

export function openLedger(state: FakeState, hostPort: string): CloudLedger {
  const known = new Map(COUNTED.map((name) => [name, new Set(state[name].keys())]));
  const host = () => state.ports.get(hostPort);
  const [groups = [], pairs = []] = [host()?.security_groups.slice(), host()?.allowed_address_pairs.slice()];
  const fresh = <T>(name: (typeof COUNTED)[number], table: ReadonlyMap<string, T>): T[] =>
    [...table].filter(([id]) => !known.get(name)?.has(id)).map(([, thing]) => thing);
  const free = [...state.floatingIps.values()].filter(
    ({ id, port_id }) =>
      port_id === null && ![...state.forwardings.values()].some(({ floatingIp }) => floatingIp === id),
  );
  const letIn = () => fresh('rules', state.rules).filter(({ direction }) => direction === 'ingress');
  const claims = () => [...state.groups.values()].flatMap(({ tags }) => tags.map(parseClaim)).filter(isThere);

  return {
    standing: () => ({
      floatingIps: fresh('floatingIps', state.floatingIps).length,
      lent: free.filter(({ port_id }) => port_id !== null).length,
      forwardings: fresh('forwardings', state.forwardings).length,
      ports: fresh('ports', state.ports).length,
      plugged: fresh('ports', state.ports).filter(({ device_id }) => device_id !== '').length,
      groups: fresh('groups', state.groups).length,
      hung: (host()?.security_groups ?? []).filter((id) => !groups.includes(id)).length,
      rules: letIn().length,
      claims: claims().length,
      pairs: (host()?.allowed_address_pairs.length ?? 0) - pairs.length,
    }),
    owners: () => {
      const tagged = [state.floatingIps, state.ports, state.groups].flatMap((table) =>
        [...table.values()].flatMap(({ tags }) => tags.filter((tag) => /^door-[a-z0-9]+$/.test(tag))),
      );
      const marked = COUNTED.flatMap((name) =>
        [...state[name].values()].map(({ description }) => parseCloudMark(description)?.owner),
      ).filter(isThere);
      return [...new Set([...tagged, ...marked, ...claims().map(({ owner }) => owner)])].sort();
    },
    isOpen: (port) =>
      letIn().some(({ protocol, port_range_min: from }) => protocol === 'tcp' && from === port),
    others: () => {
      const kept = COUNTED.flatMap((name) =>
        [...state[name]].filter(([id]) => known.get(name)?.has(id) && id !== hostPort),
      );
      const there = kept.map(([, thing]) =>
        free.some((each) => each === thing) ? { ...thing, revision_number: 0, status: '' } : thing,
      );
      const port = host();
      return JSON.stringify([
        ...TABLES.flatMap((name) => [...state[name].values()]),
        ...there,
        {
          ...port,
          revision_number: 0,
          security_groups: port?.security_groups.filter((id) => groups.includes(id)),
          allowed_address_pairs: port?.allowed_address_pairs.filter((pair) =>
            pairs.some(({ ip_address }) => ip_address === pair.ip_address),
          ),
        },
      ]);
    },
  };
}

function isThere<T>(value: T | undefined): value is T {
  return value !== undefined;
}
