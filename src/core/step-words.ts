/** Steps and plans in words, for people and for the audit. */
import type { DoorSpec, Plan, Step, Thing } from './plan.ts';
import { isAnyone, type Protocol, portOf } from './request.ts';

/** One line: what a step does. */
export function stepInWords(step: Step): string {
  return step.do === 'put' ? putInWords(step.thing) : removeInWords(step.thing);
}

function putInWords(thing: Thing): string {
  switch (thing.kind) {
    case 'pin':
      return `keep ${thing.instance} at ${thing.address} (${thing.nic})`;
    case 'filter':
      return `let only ${thing.sources.join(', ')} reach ${thing.address}:${portOf(thing.port, thing.protocol)}`;
    case 'forward':
      return `forward ${outside(thing)} on ${thing.host} to ${thing.targetAddress}:${thing.targetPort}`;
    case 'proxy':
      return `proxy ${outside(thing)} on ${thing.host} to ${thing.connectAddress}:${thing.connectPort} in ${thing.instance}`;
  }
}

function removeInWords(thing: Thing): string {
  switch (thing.kind) {
    case 'pin':
      return `no longer keep ${thing.instance} at ${thing.address} for this door`;
    case 'filter':
      return `drop the source filter of ${thing.address}:${portOf(thing.port, thing.protocol)}`;
    case 'forward':
      return `remove the forward of ${outside(thing)} on ${thing.host}`;
    case 'proxy':
      return `remove the proxy of ${outside(thing)} on ${thing.host}`;
  }
}

function outside(thing: { listenAddress: string; listenPort: number; protocol: 'tcp' | 'udp' }): string {
  return `${thing.listenAddress}:${portOf(thing.listenPort, thing.protocol)}`;
}

/** `198.51.100.11:8080` or `198.51.100.11:53/udp`. */
export function publicSideOf(door: {
  publicAddress: string;
  publicPort: number | string;
  protocol: Protocol;
}): string {
  return `${door.publicAddress}:${door.publicPort}${door.protocol === 'udp' ? '/udp' : ''}`;
}

/** `web1/blog:80`. */
export function privateSideOf(door: DoorSpec): string {
  return `${door.host}/${door.instance}:${portOf(door.port, door.protocol)}`;
}

/** `anyone` or the networks. */
export function sourcesInWords(sources: readonly string[]): string {
  return isAnyone(sources) ? 'anyone' : sources.join(', ');
}

/** What differs between the plan that was approved and the one the world calls for now, a line each. */
export function differenceOf(before: Plan, now: Plan): string[] {
  const lines: string[] = [];
  if (publicSideOf(before.door) !== publicSideOf(now.door)) {
    lines.push(`public side: ${publicSideOf(before.door)} → ${publicSideOf(now.door)}`);
  }
  if (before.door.road !== now.door.road) lines.push(`road: ${before.door.road} → ${now.door.road}`);
  const [was, is] = [before.steps.map(stepInWords), now.steps.map(stepInWords)];
  lines.push(...was.filter((line) => !is.includes(line)).map((line) => `no longer: ${line}`));
  lines.push(...is.filter((line) => !was.includes(line)).map((line) => `new: ${line}`));
  return lines;
}
