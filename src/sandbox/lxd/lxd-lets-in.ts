/** Whether the ACLs of the pretended bridge let somebody in, as LXD's own rules would after the destination was rewritten. */
import type { LxdState } from './lxd-state.ts';
import type { SandboxAclRule } from './lxd-written.ts';

export interface Visit {
  source: string;
  /** The instance's address and port. */
  destination: string;
  port: number;
  protocol: 'tcp' | 'udp';
}

/** LXD puts drop before reject before allow, whatever the order in the ACL (its documentation, "Rule ordering and priorities"). */
const ORDER = ['drop', 'reject', 'allow'];

/** True when the visitor may come in. A bridge without ACLs lets everybody in; one with some rejects what no rule names. */
export function letsIn({ network, acls }: LxdState, visit: Visit): boolean {
  const attached = aclsOf(network.config);
  if (attached.length === 0) return true;
  const rules = acls.filter(({ name }) => attached.includes(name)).flatMap(({ ingress }) => ingress);
  const hits = rules.filter((rule) => rule.state !== 'disabled' && matches(rule, visit));
  const action = ORDER.find((each) => hits.some((rule) => rule.action === each));
  return (action ?? network.config['security.acls.default.ingress.action'] ?? 'reject') === 'allow';
}

/** Names of the ACLs that hang on the bridge. */
export function aclsOf(config: Record<string, string>): string[] {
  return listOf(config['security.acls']);
}

/** First and last address of `1.2.3.4`, `1.2.3.0/24` or `1.2.3.4-1.2.3.9` as numbers; undefined for anything else. */
export function rangeOf(subject: string): [number, number] | undefined {
  const [address = '', bits] = subject.split('/');
  if (bits !== undefined) {
    const value = numberOf(address);
    if (value === undefined || !/^\d+$/.test(bits) || Number(bits) > 32) return undefined;
    const size = 2 ** (32 - Number(bits));
    const first = Math.floor(value / size) * size;
    return [first, first + size - 1];
  }
  const [from = '', to = from] = subject.split('-');
  const [first, last] = [numberOf(from), numberOf(to)];
  return first === undefined || last === undefined || first > last ? undefined : [first, last];
}

export function listOf(text: string | undefined): string[] {
  return (text ?? '')
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '');
}

function matches(rule: SandboxAclRule, { source, destination, port, protocol }: Visit): boolean {
  if (rule.protocol !== undefined && rule.protocol !== '' && rule.protocol !== protocol) return false;
  return (
    covers(rule.source, source) &&
    covers(rule.destination, destination) &&
    coversPort(rule.destination_port, port)
  );
}

function covers(subjects: string | undefined, address: string): boolean {
  const all = listOf(subjects);
  const value = numberOf(address);
  if (all.length === 0) return true;
  return all.some((each) => {
    const range = rangeOf(each);
    return range !== undefined && value !== undefined && range[0] <= value && value <= range[1];
  });
}

function coversPort(ports: string | undefined, port: number): boolean {
  const all = listOf(ports);
  if (all.length === 0) return true;
  return all.some((each) => {
    const [from = '', to = from] = each.split('-');
    return Number(from) <= port && port <= Number(to);
  });
}

function numberOf(address: string): number | undefined {
  const parts = address.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256))
    return undefined;
  return parts.reduce((sum, part) => sum * 256 + Number(part), 0);
}
