/** What commands and plans are about, as the audit lists it: an instance, a server or a host. Pure. */
import { isDoorPlan, type Plan } from './plan.ts';
import { type Command, type InstanceName, nameOf } from './request.ts';

/** Of a command; nothing for those about everything, or about a request. */
export function subjectOf(command: Command): { about?: string } {
  if (command.action === 'plan' || command.action === 'policy') return subjectOf(command.of);
  if ('target' in command) return { about: nameOf(command.target as InstanceName) };
  if ('name' in command) return { about: command.name };
  return {};
}

/** Of a plan: `web1/blog`, `server:public/web`, `web9`. */
export function subjectOfPlan(plan: Plan): string {
  if (!isDoorPlan(plan)) return plan.subject.replace(/^host /, '');
  const { host, instance, road } = plan.door;
  return nameOf({ host, instance, ...(road === 'server' && { server: true }) });
}
