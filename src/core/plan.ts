/** A plan: what would be changed, in steps, and the fingerprint by which it is approved. Pure. */
import { createHash } from 'node:crypto';
import { canonicalJson } from './audit/canonical-json.ts';
import type { HostCommand, InstanceCommand, Protocol, RoadName } from './request.ts';
import type { Thing } from './thing.ts';

export interface Step {
  do: 'put' | 'remove';
  thing: Thing;
  /** The door that the thing belongs to, where that is not the plan's own. */
  door?: DoorSpec;
}

/** The door that a plan opens or closes. */
export interface DoorSpec {
  id: string;
  /** The host; for the road `server` the cloud. */
  host: string;
  instance: string;
  port: number;
  protocol: Protocol;
  /** Absent while nobody can know it: a new floating IP, or a lease that the LAN has not given yet. */
  publicAddress?: string;
  publicPort: number;
  road: RoadName;
  sources: string[];
}

interface PlanParts {
  kind: 'plan';
  steps: Step[];
  /** Why this road, and why not the others. */
  why: string[];
  /** What the people who decide should know. */
  warnings: string[];
  /** What it takes of a quota, before and after. */
  cost?: string[];
  /** Of everything that would be changed; the words do not count. */
  fingerprint: string;
}

export interface DoorPlan extends PlanParts {
  action: 'open' | 'close';
  door: DoorSpec;
  /** How long it will be open; absent: until somebody closes it. */
  forSeconds?: number;
  /** Or until when, milliseconds since 1970. */
  until?: number;
}

/** A plan about a host or an instance. */
export interface WorkPlan extends PlanParts {
  action: HostCommand['action'] | InstanceCommand['action'] | 'extend' | 'adopt' | 'panic';
  /** `web1/blog`, or `host web9`. Two plans about the same do not run side by side. */
  subject: string;
  /** What happens, one line. */
  summary: string;
  /** Why it needs approval; absent when it does not. */
  risk?: string;
  /** Doors that are closed on the way. */
  closes: DoorSpec[];
  /** Doors that are opened again. */
  reopens?: DoorSpec[];
  /** How long the door that is kept open will have been open at its new end, in seconds. */
  lastsSeconds?: number;
  /** How many people have to approve it, where it needs that at all. */
  approvals: 1 | 2;
}

export type Plan = DoorPlan | WorkPlan;

/** True for plans that open or close a door. */
export function isDoorPlan(plan: Plan): plan is DoorPlan {
  return plan.action === 'open' || plan.action === 'close';
}

/** The one door that a plan is about: that it opens, closes or keeps open. */
export function doorOf(plan: Plan): DoorSpec | undefined {
  if (isDoorPlan(plan)) return plan.door;
  return plan.action === 'extend' || plan.action === 'adopt' ? plan.steps[0]?.door : undefined;
}

/** A plan with its fingerprint. */
export function makePlan(parts: Omit<DoorPlan, 'kind' | 'fingerprint'>): DoorPlan {
  const { action, steps, forSeconds, until } = parts;
  // Whom a door still lets in makes no other closing of it: the time of a guarded one may be over any moment.
  const door = action === 'close' ? { ...parts.door, sources: [] } : parts.door;
  const what = {
    action,
    door,
    steps,
    ...(forSeconds !== undefined && { forSeconds }),
    ...(until !== undefined && { until }),
  };
  return { kind: 'plan', ...parts, fingerprint: fingerprintOf(what) };
}

/** A plan about a host or an instance, with its fingerprint. */
export function makeWorkPlan(parts: Omit<WorkPlan, 'kind' | 'fingerprint'>): WorkPlan {
  const { action, subject, steps } = parts;
  return { kind: 'plan', ...parts, fingerprint: fingerprintOf({ action, subject, steps }) };
}

/** SHA-256 over everything that would be changed, with all keys sorted; 32 hex digits of it. */
function fingerprintOf(what: object): string {
  return createHash('sha256').update(canonicalJson(what)).digest('hex').slice(0, 32);
}

/** The steps that take back what `steps` did, in the order to do it. */
export function undoOf(steps: readonly Step[]): Step[] {
  return steps
    .map(({ do: did, ...rest }): Step => ({ do: did === 'put' ? 'remove' : 'put', ...rest }))
    .reverse();
}
