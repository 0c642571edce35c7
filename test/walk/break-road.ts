/** Breaks a road of a real cloud as somebody else of the project might, one hop after the other. */
import { expect } from 'vitest';
import type { openCloud } from '../lab/openstack/cloud-api.ts';

export interface RoadBreaker {
  /** Each answers what takes it back. */
  takePair(): Promise<() => Promise<unknown>>;
  takeGroup(): Promise<() => Promise<unknown>>;
  /** What is deleted, nobody brings back. */
  deleteRule(): Promise<unknown>;
  deleteFloatingIp(): Promise<unknown>;
}

interface Port {
  id: string;
  security_groups: string[];
  allowed_address_pairs: object[];
}

interface Group {
  id: string;
  name: string;
  security_group_rules: { id: string; direction: string; port_range_min: number | null }[];
}

/**
 * @param address the floating IP of a door to port 80, by the road `routed`
 * @param group the name of the group of its host
 */
export async function openRoadBreaker(
  api: Awaited<ReturnType<typeof openCloud>>,
  address: string,
  group: string,
): Promise<RoadBreaker> {
  const [ports, groups, addresses] = await Promise.all([
    api.list<Port>('network', '/ports', 'ports'),
    api.list<Group>('network', '/security-groups', 'security_groups'),
    api.list<{ id: string; floating_ip_address: string }>('network', '/floatingips', 'floatingips'),
  ]);
  const own = groups.find(({ name }) => name === group) ?? expect.fail(group);
  const host =
    ports.find(({ allowed_address_pairs: pairs }) => pairs.length > 0) ?? expect.fail('a port with a pair');
  const change = (port: Partial<Port>) => api.call('PUT', 'network', `/ports/${host.id}`, { port });
  const remove = (path: string) => api.call('DELETE', 'network', path);
  return {
    async takePair() {
      const { allowed_address_pairs } = host;
      await change({ allowed_address_pairs: [] });
      return () => change({ allowed_address_pairs });
    },
    async takeGroup() {
      const { security_groups } = host;
      await change({ security_groups: security_groups.filter((id) => id !== own.id) });
      return () => change({ security_groups });
    },
    deleteRule() {
      const rule = own.security_group_rules.find(
        ({ direction, port_range_min: from }) => direction === 'ingress' && from === 80,
      );
      return remove(`/security-group-rules/${rule?.id}`);
    },
    deleteFloatingIp() {
      const found = addresses.find(({ floating_ip_address: each }) => each === address);
      return remove(`/floatingips/${found?.id}`);
    },
  };
}
