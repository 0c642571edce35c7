/** Steps and plans in words, for people and for the audit. */
import { type DoorSpec, isDoorPlan, type Plan, type Step } from './plan.ts';
import { nameOf, type Protocol, portOf, type RoadName } from './request.ts';
import { putInWords, removeInWords } from './thing-words.ts';

/** One line: what a step does. */
export function stepInWords(step: Step): string {
  return step.do === 'put' ? putInWords(step.thing) : removeInWords(step.thing);
}

/** `198.51.100.11:8080`, `198.51.100.11:53/udp`, or `a new floating IP, port 80` while the address is not known. */
export function publicSideOf(door: {
  publicAddress?: string | undefined;
  publicPort: number | string;
  protocol: Protocol;
  road?: RoadName;
}): string {
  const port = `${door.publicPort}${door.protocol === 'udp' ? '/udp' : ''}`;
  if (door.publicAddress !== undefined) return `${door.publicAddress}:${port}`;
  return `${door.road === 'lan' ? 'an address from the LAN' : 'a new floating IP'}, port ${port}`;
}

/** `web1/blog:80` or `server:public/web:80`. */
export function privateSideOf({ host, instance, road, port, protocol }: DoorSpec): string {
  return `${nameOf({ host, instance, ...(road === 'server' && { server: true }) })}:${portOf(port, protocol)}`;
}

/** What differs between the plan that was approved and the one the world calls for now, a line each. */
export function differenceOf(before: Plan, now: Plan): string[] {
  const lines = isDoorPlan(before) && isDoorPlan(now) ? doorDifference(before.door, now.door) : [];
  const [was, is] = [before.steps.map(stepInWords), now.steps.map(stepInWords)];
  lines.push(...was.filter((line) => !is.includes(line)).map((line) => `no longer: ${line}`));
  lines.push(...is.filter((line) => !was.includes(line)).map((line) => `new: ${line}`));
  return lines;
}

function doorDifference(before: DoorSpec, now: DoorSpec): string[] {
  const lines: string[] = [];
  if (publicSideOf(before) !== publicSideOf(now)) {
    lines.push(`public side: ${publicSideOf(before)} → ${publicSideOf(now)}`);
  }
  if (before.road !== now.road) lines.push(`road: ${before.road} → ${now.road}`);
  return lines;
}
