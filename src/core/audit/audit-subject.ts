/** What commands and plans are about, as the audit lists it: an instance, a server or a host. Pure. */
import { type DoorSpec, isDoorPlan, type Plan } from '../plan.ts';
import { type Command, type InstanceName, nameOf } from '../request.ts';

/** Of a command; nothing for those about everything, or about a request. */
export function subjectOf(command: Command): { about?: string } {
  if (command.action === 'plan' || command.action === 'policy') return subjectOf(command.of);
  if ('target' in command) return { about: nameOf(command.target as InstanceName) };
  if ('name' in command) return { about: command.name };
  if (command.action === 'panic' && command.host !== undefined) return { about: command.host };
  return {};
}

/** Of a plan: `web1/blog`, `server:public/web`, `web9`. */
export function subjectOfPlan(plan: Plan): string {
  if (!isDoorPlan(plan)) return plan.subject.replace(/^(host|panic) /, '');
  return subjectOfDoor(plan.door);
}

/** Of a door. */
export function subjectOfDoor({ host, instance, road }: DoorSpec): string {
  return nameOf({ host, instance, ...(road === 'server' && { server: true }) });
}
