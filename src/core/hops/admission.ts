/** Whether somebody is let in on a road: every filter on it is asked. */
import { isWithin, sourcesInWords } from '../sources.ts';
import type { DoorWay, RoadSeen } from './door-way.ts';
import { filtersAt } from './filter-hop.ts';
import { guardedAs } from './guard-hop.ts';
import { exposeText, unexposeText } from './remedy.ts';
import { lettingIn } from './rule-hop.ts';

export interface Admission {
  state: 'in' | 'out' | 'unknown';
  /** By what, or why not. */
  says: string;
  /** What would let them in. */
  next?: string;
}

/** One filter on the road and whom it lets in. */
interface Gate {
  name: string;
  admits: readonly string[];
}

/** @param from CIDRs in canonical form */
export function admissionOf(way: DoorWay, seen: RoadSeen, from: readonly string[]): Admission {
  const { gates, blind } = gatesOf(way, seen);
  const shut = gates.find(({ admits }) => !from.every((cidr) => isWithin(cidr, admits)));
  if (shut !== undefined) return out(way, shut, from);
  if (blind.length > 0)
    return {
      state: 'unknown',
      says: `nothing that was seen keeps it out, but ${blind.join(' and ')} could not be asked`,
    };
  if (gates.length === 0) return { state: 'in', says: 'nothing on this road filters by source' };
  const by = gates.map(({ name, admits }) => `${name} lets in ${sourcesInWords(admits)}`);
  return { state: 'in', says: by.join('; ') };
}

function out(way: DoorWay, { name, admits }: Gate, from: readonly string[]): Admission {
  const some = from.some((cidr) => isWithin(cidr, admits)) ? 'only some of it: ' : '';
  const whom = admits.length === 0 ? 'nobody' : `only ${sourcesInWords(admits)}`;
  const says = `${some}${name} lets in ${whom}`;
  if (way.made === 'foreign') return { state: 'out', says };
  const wider = [...new Set([...way.door.sources, ...from])];
  // Where the door is open to them anyhow, the hop that is broken says what to do.
  if (from.every((cidr) => isWithin(cidr, way.door.sources))) return { state: 'out', says };
  const next = `To let it in, close the door and open it again: \`/lxd ${unexposeText(way)}\`, then \`/lxd ${exposeText(way, wider)}\`.`;
  return { state: 'out', says, next };
}

function gatesOf(way: DoorWay, seen: RoadSeen): { gates: Gate[]; blind: string[] } {
  const { door } = way;
  const gates: Gate[] = [];
  const blind: string[] = [];
  if (seen.cloud !== undefined) {
    if ('why' in seen.cloud) blind.push('the cloud');
    else {
      const rule = lettingIn(way, seen.cloud.seen);
      if (rule !== undefined) gates.push(rule);
    }
  }
  if (seen.host === undefined) return { gates, blind };
  if ('why' in seen.host) return { gates, blind: [...blind, door.host] };
  if (seen.host.seen.guardTrouble !== undefined) blind.push(`the guard of ${door.host}`);
  const guarded = guardedAs(way, seen.host.seen);
  if (guarded !== undefined) gates.push({ name: `the guard of ${door.host}`, admits: guarded.sources });
  for (const { sources } of filtersAt(way, seen.host.seen))
    gates.push({ name: 'the filter of LXD', admits: sources });
  return { gates, blind };
}
