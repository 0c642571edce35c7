/** Which doors a request that has not ended may still change. Pure. */

import { doorOf, isDoorPlan } from '../plan.ts';
import type { Door, RequestRecord } from '../record.ts';
import { doorIdOf } from '../tags/door-tag.ts';

/** Broad while there is no plan: then the instance or host that was named counts. */
export function isUnderWay(
  { asked, plan }: Pick<RequestRecord, 'asked' | 'plan'>,
  door: Pick<Door, 'id' | 'host' | 'instance'>,
): boolean {
  if (doorIdOf(asked.id) === door.id) return true;
  if (plan !== undefined) {
    if (doorOf(plan)?.id === door.id) return true;
    return !isDoorPlan(plan) && [...plan.closes, ...(plan.reopens ?? [])].some(({ id }) => id === door.id);
  }
  const { command } = asked;
  if (command.action === 'panic') return command.host === undefined || command.host === door.host;
  if ('name' in command && command.action.startsWith('host ')) return command.name === door.host;
  if (!('target' in command)) return false;
  const { host, instance } = command.target;
  return instance === door.instance && (host === undefined || host === door.host);
}
