/** Plans the closing of a door from the tags that stand on the hosts. */
import type { CloudWorld } from '../cloud-world.ts';
import { type DoorPlan, makePlan, type Step } from '../plan.ts';
import { isRefusal, type Refusal } from '../refusal.ts';
import type { UnexposeCommand } from '../request.ts';
import type { StandingDoor } from '../tags/standing-doors.ts';
import type { HostWorld } from '../world.ts';
import { findDoor } from './find-door.ts';

/** A plan that closes the one door that fits, or a refusal that names the doors there are. */
export function planUnexpose(
  command: UnexposeCommand,
  hosts: readonly HostWorld[],
  clouds: readonly CloudWorld[] = [],
): DoorPlan | Refusal {
  const found = findDoor(command, hosts, clouds);
  return isRefusal(found) ? found : planClosing(found);
}

/** A plan that closes a door that stands. */
export function planClosing(standing: StandingDoor): DoorPlan {
  return makePlan({
    action: 'close',
    door: standing.door,
    steps: closingSteps(standing),
    why: ['closing goes from the outside in'],
    warnings: ['connections that are open now live on until they end: LXD does not cut them'],
  });
}

/** The steps that close a door: its things from the outside in. */
export function closingSteps({ things }: StandingDoor): Step[] {
  return [...things].reverse().map((thing) => ({ do: 'remove', thing }));
}
