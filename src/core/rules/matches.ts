/** Whether a rule applies. Pure. */

import { isWithin } from '../sources.ts';
import type { Facts } from './facts.ts';
import { isIn as isWithinHours } from './hours.ts';
import type { ChangeAction, Conditions } from './rule.ts';
import { isAmong } from './sensitive-ports.ts';

/** undefined: that depends on what is not known before there is a plan. */
export type Match = boolean | undefined;

/** @param has whether the requester has a role */
export function matches(when: Conditions, facts: Facts, has: (role: string) => boolean): Match {
  const each = [
    said(when.actions, (actions) => isAmongActions(facts.action, actions)),
    said(when.by, (roles) => roles.some(has)),
    said(when.channels, (channels) => channels.includes(facts.channel)),
    said(when.hours, (hours) => isWithinHours(hours, facts.at)),
    asked(when.hosts, facts, facts.host, (hosts, host) => hosts.includes(host)),
    asked(when.labels, facts, facts.labels, hasAll),
    asked(when.roads, facts, facts.road, (roads, road) => roads.includes(road)),
    asked(when.ports, facts, facts.ports, (ranges, ports) => ports.some((port) => isAmong(port, ranges))),
    asked(when.beyond, facts, facts.sources, (networks, sources) => !allWithin(sources, networks)),
    asked(when.within, facts, facts.sources, (networks, sources) => allWithin(sources, networks)),
  ];
  if (each.includes(false)) return false;
  return each.includes(undefined) ? undefined : true;
}

/** What holds for opening a door holds for keeping it open, putting it again and taking it in, too. */
function isAmongActions(action: ChangeAction, actions: readonly ChangeAction[]): boolean {
  return actions.includes(action) || (LIKE_OPENING.includes(action) && actions.includes('expose'));
}

export const LIKE_OPENING: readonly ChangeAction[] = ['expose', 'extend', 'repair', 'adopt'];

function said<T>(condition: T | undefined, holds: (condition: T) => boolean): Match {
  return condition === undefined || holds(condition);
}

function asked<T, F>(
  condition: T | undefined,
  { planned }: Facts,
  fact: F | undefined,
  holds: (condition: T, fact: F) => boolean,
): Match {
  if (condition === undefined) return true;
  if (fact === undefined) return planned ? false : undefined;
  return holds(condition, fact);
}

function hasAll(wanted: Readonly<Record<string, string>>, labels: Readonly<Record<string, string>>): boolean {
  return Object.entries(wanted).every(
    ([name, value]) => Object.hasOwn(labels, name) && labels[name] === value,
  );
}

function allWithin(sources: readonly string[], networks: readonly string[]): boolean {
  return sources.every((source) => isWithin(source, networks));
}
