/** What the guard of a host adds to a door there, and what its end is worth with and without. Pure. */
import { isDoorPlan, type Plan } from '../plan.ts';
import { type Refusal, refuse } from '../refusal.ts';
import type { ExposeCommand } from '../request.ts';
import type { Thing } from '../thing.ts';
import type { HostWorld } from '../world.ts';

/**
 * The things of a door with the guard in front of what the host listens for. Roads to an address of the instance's own lead past the
 * host, so there the guard has nothing to say.
 */
export function withGuard(things: readonly Thing[], command: ExposeCommand, { guard }: HostWorld): Thing[] {
  const at = things.findIndex(({ kind }) => kind === 'forward' || kind === 'proxy');
  const listening = things[at];
  if (guard === undefined || (listening?.kind !== 'forward' && listening?.kind !== 'proxy'))
    return [...things];
  const { host, listenAddress: address, listenPort: port, protocol } = listening;
  const { sources, forSeconds, until } = command;
  const time = { ...(forSeconds !== undefined && { forSeconds }), ...(until !== undefined && { until }) };
  return things.toSpliced(at, 0, { kind: 'guard', host, address, protocol, port, sources, ...time });
}

/** Without its guard a door would let in too many for too long. */
export function guardSilent({ host, guardTrouble }: HostWorld): Refusal | undefined {
  if (guardTrouble === undefined) return undefined;
  const next = `\`/lxd doctor\` looks again; without \`guard: true\` for ${host} in the configuration doors are opened without it.`;
  return refuse('host_silent', `${host} has a guard that cannot be asked: ${guardTrouble}.`, next);
}

/** Under a plan that says when the door is closed: what that is worth. undefined where the door has no end. */
export function endInWords(plan: Plan): string | undefined {
  const moves = plan.action === 'extend';
  if (!moves && (!isDoorPlan(plan) || plan.action === 'close')) return undefined;
  if (isDoorPlan(plan) && plan.forSeconds === undefined && plan.until === undefined) return undefined;
  const guard = plan.steps.find(({ thing }) => thing.kind === 'guard' || thing.kind === 'guard_end')?.thing;
  if (guard !== undefined && 'host' in guard)
    return `${guard.host} itself keeps this end, whether Drawbridge runs or not, and cuts what is open then; started anew it lets nobody in until Drawbridge says so`;
  return 'this end depends on Drawbridge running: LXD closes nothing by itself. Where the host has a guard it does; docs/guard.md says how';
}
