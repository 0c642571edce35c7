/** The guard of the host: whom its kernel lets in to the door, and for how long. */
import type { GuardedDoor } from '../guard.ts';
import { isAnyone } from '../request.ts';
import { isWithin, sourcesInWords } from '../sources.ts';
import { spanInWords } from '../span.ts';
import type { HostWorld } from '../world.ts';
import { type DoorWay, type RoadSeen, thingOf } from './door-way.ts';
import { broken, fine, type Hop, skipped, unknown } from './hop.ts';
import { openAgain, repairOf } from './remedy.ts';

/** The door as the guard keeps it; undefined where it does not. */
export function guardedAs({ door }: DoorWay, { guard }: HostWorld): GuardedDoor | undefined {
  return guard?.doors.find((each) => each.door === door.id);
}

/** No hop on a host that has no guard. */
export function guardHop(way: DoorWay, host: HostWorld, { now }: RoadSeen): Hop[] {
  const { guard, guardTrouble } = host;
  const { door, known } = way;
  const name = `guard of ${host.host}`;
  if (guardTrouble !== undefined) return [unknown('guard', name, `could not be asked: ${guardTrouble}`)];
  if (guard === undefined) return [];
  const guarded = guardedAs(way, host);
  if (guarded === undefined) return [without(way, name)];
  const { sources, endsInSeconds } = guarded;
  if (sources.length === 0) {
    const isOver = known?.endsAt !== undefined && known.endsAt <= now;
    return [broken('guard', name, shut(known?.endsAt, now), isOver ? openAgain(way) : repairOf(way))];
  }
  const missing = door.sources.filter((source) => !isWithin(source, sources));
  if (missing.length > 0)
    return [
      broken('guard', name, `lets in ${sourcesInWords(sources)}, not ${missing.join(', ')}`, repairOf(way)),
    ];
  const end = endsInSeconds === undefined ? '' : `, ${spanInWords(minutes(endsInSeconds))} more`;
  return [fine('guard', name, `lets in ${sourcesInWords(sources)}${end}`)];
}

/** Doors that were opened before the host had a guard, and those of others, are none of its. */
function without(way: DoorWay, name: string): Hop {
  const wanted = thingOf(way, 'guard');
  if (wanted === undefined) return skipped('guard', name, 'does not guard this door');
  const { sources, forSeconds, until } = wanted;
  const end = forSeconds === undefined && until === undefined ? '' : ', and it ends nothing by itself';
  const whom = isAnyone(sources) ? '' : `: everybody gets in, not only ${sourcesInWords(sources)}`;
  return broken('guard', name, `does not keep this door any more${whom}${end}`, repairOf(way));
}

function shut(endsAt: number | undefined, now: number): string {
  if (endsAt !== undefined && endsAt <= now) return 'lets nobody in: the end of the door has come';
  return 'lets nobody in: its time is over there, or the host was started anew';
}

/** Of long times the seconds do not matter. */
function minutes(seconds: number): number {
  return seconds < 120 ? Math.max(1, Math.round(seconds)) : Math.round(seconds / 60) * 60;
}
