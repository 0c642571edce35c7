/** The source filter on the host: an LXD network ACL on the instance's bridge. */
import { isWithin, sourcesInWords } from '../sources.ts';
import type { FilterWorld, HostWorld } from '../world.ts';
import { type DoorWay, thingOf } from './door-way.ts';
import { broken, fine, type Hop } from './hop.ts';
import { leadsTo } from './outer-hop.ts';
import { byHand, repairOf, unexposeText } from './remedy.ts';

/** The filters that a packet for the door meets: they drop by the instance's address and port, whosever they are. */
export function filtersAt(way: DoorWay, host: HostWorld): FilterWorld[] {
  const target = leadsTo(way, host);
  if (target === undefined) return [];
  return host.filters.filter(
    ({ address, port, protocol }) =>
      address === target.address && protocol === way.door.protocol && port === way.door.port,
  );
}

/** No hop where nothing should filter and nothing does. */
export function filterHop(way: DoorWay, host: HostWorld): Hop[] {
  const wanted = thingOf(way, 'filter');
  const there = filtersAt(way, host);
  const name = `filter of LXD on ${host.host}`;
  const other = there.find(({ door }) => door !== way.door.id);
  const shut = way.door.sources.filter((source) => !there.every(({ sources }) => isWithin(source, sources)));
  if (wanted === undefined) {
    if (other === undefined || shut.length === 0) return [];
    const seen = `belongs to ${other.door} and lets in only ${sourcesInWords(other.sources)}: it filters for the port as a whole`;
    return [broken('filter', name, seen, byHand('Close the other door, or open both with the same `from`.'))];
  }
  const own =
    there.find(({ door }) => door === way.door.id) ?? host.filters.find(({ door }) => door === way.door.id);
  const isHung = host.bridges.find(({ network }) => network === wanted.network)?.filtered !== false;
  const only = sourcesInWords(wanted.sources);
  if (own === undefined || !isHung) {
    const lack = own === undefined ? 'is gone' : `does not hang on ${wanted.network}`;
    const next = `Close it until that is mended: \`/lxd ${unexposeText(way)}\`.`;
    return [broken('filter', name, `${lack}: everybody gets in, not only ${only}. ${next}`, repairOf(way))];
  }
  if (shut.length > 0 || !own.sources.every((source) => isWithin(source, wanted.sources)))
    return [
      broken(
        'filter',
        name,
        `lets in ${sourcesInWords(own.sources)} instead of ${only}: somebody edited it`,
        repairOf(way),
      ),
    ];
  return [fine('filter', name, `lets in only ${only}`)];
}
