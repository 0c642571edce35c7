/** A plan: what would be changed, in steps, and the fingerprint by which it is approved. Pure. */
import { createHash } from 'node:crypto';
import type { Protocol, RoadName } from './request.ts';

/** One thing that Drawbridge makes on a host. It can be put and removed, each as often as one likes. */
export type Thing =
  /** The instance keeps its address: `ipv4.address` on its NIC. */
  | { kind: 'pin'; host: string; instance: string; nic: string; address: string }
  /** Only `sources` reach the instance's port: an LXD network ACL drops the rest. */
  | {
      kind: 'filter';
      host: string;
      network: string;
      protocol: Protocol;
      address: string;
      port: number;
      sources: string[];
      /** The ranges outside the sources, as LXD takes them. */
      drops: string[];
    }
  | {
      kind: 'forward';
      host: string;
      network: string;
      listenAddress: string;
      listenPort: number;
      protocol: Protocol;
      targetAddress: string;
      targetPort: number;
    }
  | {
      kind: 'proxy';
      host: string;
      instance: string;
      listenAddress: string;
      listenPort: number;
      protocol: Protocol;
      connectAddress: string;
      connectPort: number;
      nat: boolean;
    };

export interface Step {
  do: 'put' | 'remove';
  thing: Thing;
}

/** The door that a plan opens or closes. */
export interface DoorSpec {
  id: string;
  host: string;
  instance: string;
  port: number;
  protocol: Protocol;
  publicAddress: string;
  publicPort: number;
  road: RoadName;
  sources: string[];
}

export interface Plan {
  kind: 'plan';
  action: 'open' | 'close';
  door: DoorSpec;
  steps: Step[];
  /** Why this road, and why not the ones before it. */
  why: string[];
  /** What the people who decide should know. */
  warnings: string[];
  /** Of everything that would be changed; the words do not count. */
  fingerprint: string;
}

/** A plan with its fingerprint. */
export function makePlan(parts: Omit<Plan, 'kind' | 'fingerprint'>): Plan {
  return { kind: 'plan', ...parts, fingerprint: fingerprintOf(parts) };
}

/** SHA-256 over the action, the door and the steps with their keys sorted, 32 hex digits of it. */
function fingerprintOf({ action, door, steps }: Pick<Plan, 'action' | 'door' | 'steps'>): string {
  return createHash('sha256').update(canonical({ action, door, steps })).digest('hex').slice(0, 32);
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, inner]) => `${JSON.stringify(key)}:${canonical(inner)}`).join(',')}}`;
}

/** The steps that take back what `steps` did, in the order to do it. */
export function undoOf(steps: readonly Step[]): Step[] {
  return steps.map(({ do: did, thing }): Step => ({ do: did === 'put' ? 'remove' : 'put', thing })).reverse();
}
