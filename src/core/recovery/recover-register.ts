/** What the register of doors has to become, by what stands on the hosts and in the clouds. Pure. */
import type { Door, RequestRecord } from '../record.ts';
import type { StandingDoor } from '../tags/standing-doors.ts';

/** A host or a cloud, as it was seen. */
export interface SeenPlace {
  name: string;
  /** Absent: it did not answer, so nothing is known of its doors. */
  doors?: readonly StandingDoor[];
  /** Why it did not. */
  silent?: string;
  /** When the guard of the host lets nobody in any more, by door, milliseconds since 1970. */
  ends: ReadonlyMap<string, number>;
}

/** What Redis still has, and who answers for what nobody is known to have opened. */
export interface Survivors {
  register: readonly Door[];
  /** The request that opened a door, where it is still there. */
  requests: ReadonlyMap<string, RequestRecord>;
  /** A request is about to change this door. */
  isUnderWay: (door: Pick<Door, 'id' | 'host' | 'instance'>) => boolean;
  /** Slack id. */
  owner?: string;
  /** Slack id of the channel in which recovered doors are talked about. */
  channel?: string;
  /** Milliseconds since 1970. */
  now: number;
}

/** `before` absent: it is added; `after` absent: it is dropped. */
export interface RegisterChange {
  before?: Door;
  after?: Door;
  /** Neither the register nor a request says who opened it. */
  ownerless?: true;
  /** How its request ended, where that was not by opening it. */
  unwanted?: string;
}

export interface Recovery {
  changes: RegisterChange[];
  /** Entries that are as the door is. */
  kept: Door[];
  /** Left as they are, each with the reason. */
  untouched: { door: string; why: string }[];
}

export const RECOVERED = 'found again by `recover`; who opened it, and why, is not known';

/** Nothing is dropped because of a host that did not answer. */
export function recoverRegister(places: readonly SeenPlace[], survivors: Survivors): Recovery {
  const { register, isUnderWay } = survivors;
  const recovery: Recovery = { changes: [], kept: [], untouched: [] };
  const standing = new Map(
    places.flatMap(({ doors = [], ends }) =>
      doors.map((each) => [each.door.id, { ...each.door, endsAt: ends.get(each.door.id) }] as const),
    ),
  );
  const known = new Map(register.map((door) => [door.id, door]));
  for (const { endsAt, ...door } of standing.values()) {
    if (isUnderWay(door)) {
      recovery.untouched.push({ door: door.id, why: 'a request about it is under way' });
      continue;
    }
    const before = known.get(door.id);
    const spec = { ...door, publicAddress: door.publicAddress ?? before?.publicAddress ?? '0.0.0.0' };
    if (before === undefined) recovery.changes.push(added(spec, endsAt, survivors));
    else if (isSame(before, spec)) recovery.kept.push(before);
    else recovery.changes.push({ before, after: moved(before, spec) });
  }
  for (const door of register) {
    if (standing.has(door.id)) continue;
    const why = isUnderWay(door) ? 'a request about it is under way' : unseen(door, places);
    if (why === undefined) recovery.changes.push({ before: door });
    else recovery.untouched.push({ door: door.id, why });
  }
  return recovery;
}

type PlacedSpec = StandingDoor['door'] & { publicAddress: string };

/** With all that its request says, where that survived. Without an end where none is known: nothing is closed by guessing. */
function added(door: PlacedSpec, guarded: number | undefined, survivors: Survivors): RegisterChange {
  const { requests, owner = '', channel, now } = survivors;
  const record = requests.get(door.id);
  const request = door.id.replace(/^door-/, 'req-');
  const proof = { state: 'checked', seen: 'it stands; recovered from its tags, not knocked at' } as const;
  if (record === undefined) {
    const place = channel === undefined ? {} : { channel };
    const end = guarded === undefined ? {} : { endsAt: guarded };
    const after = { ...door, owner, reason: RECOVERED, request, ...place, openedAt: now, ...end, proof };
    return { after, ownerless: true };
  }
  const { asked, decision, plan, endedAt } = record;
  const openedAt = endedAt ?? asked.at;
  const forSeconds = plan?.action === 'open' ? plan.forSeconds : undefined;
  const endsAt = guarded ?? (forSeconds && openedAt + forSeconds * 1_000);
  const after: Door = {
    ...door,
    owner: asked.requester,
    ...(decision?.approvals !== undefined && { approvers: decision.approvals.map(({ by }) => by) }),
    ...(asked.command.reason !== undefined && { reason: asked.command.reason }),
    request,
    channel: asked.channel,
    openedAt,
    ...(forSeconds !== undefined && { forSeconds }),
    ...(endsAt !== undefined && { endsAt }),
    proof,
  };
  const ended = record.outcome?.kind ?? 'done';
  return { after, ...(ended !== 'done' && ended !== 'unproven' && { unwanted: ended }) };
}

/** The place of a door; who may come through it is compared by those who watch over doors. */
function isSame(before: Door, door: PlacedSpec): boolean {
  const fields = ['host', 'instance', 'port', 'protocol', 'publicAddress', 'publicPort', 'road'] as const;
  return fields.every((field) => before[field] === door[field]);
}

/** As it stands now, with all that people said of it. What was put for it is another thing now. */
function moved({ things: _things, ...before }: Door, door: PlacedSpec): Door {
  return { ...before, ...door };
}

/** Why it cannot be said that a door is gone; undefined where it can. */
function unseen({ host }: Door, places: readonly SeenPlace[]): string | undefined {
  const place = places.find(({ name }) => name === host);
  if (place === undefined) return `no host or cloud ${host} is known`;
  return place.doors === undefined ? `${host} did not answer` : undefined;
}
