/** What the policy says of opening many doors again with one approval: each is asked about as if it were asked for anew. Pure. */
import { canonicalJson } from '../audit/canonical-json.ts';
import { doorsInWords } from '../names.ts';
import type { DoorSpec } from '../plan.ts';
import type { Policy } from '../policy.ts';
import { factsOfDoor, type LabelsOf, type WhoAndWhen, who } from './facts.ts';
import { needOf, type Ruling, rulingOn } from './ruling.ts';

export interface Ruled {
  door: DoorSpec;
  ruling: Ruling;
}

/** The ruling on each door. */
export function rulingsOn(
  doors: readonly DoorSpec[],
  asked: WhoAndWhen,
  policy: Policy,
  labels: LabelsOf,
): Ruled[] {
  return doors.map((door) => {
    const facts = { ...who(asked), action: 'expose', planned: true, ...factsOfDoor(door, labels) } as const;
    return { door, ruling: rulingOn(policy, facts) };
  });
}

/**
 * The most doors that the same people may approve, and why each other one is not among them. One approval cannot speak for people
 * who never saw it.
 */
export function together(ruled: readonly Ruled[]): {
  doors: DoorSpec[];
  left: { door: DoorSpec; why: string }[];
} {
  const groups = new Map<string, number>();
  for (const { ruling } of ruled) {
    const key = needKey(ruling);
    if (key !== undefined) groups.set(key, (groups.get(key) ?? 0) + 1);
  }
  const [most] = [...groups].sort(([a, x], [b, y]) => y - x || a.localeCompare(b))[0] ?? [];
  const fits = ({ ruling }: Ruled): boolean =>
    ruling.end === 'allow' || (ruling.end === 'approve' && needKey(ruling) === most);
  return {
    doors: ruled.filter(fits).map(({ door }) => door),
    left: ruled
      .filter((each) => !fits(each))
      .map(({ door, ruling }) => ({
        door,
        why:
          ruling.end === 'refuse'
            ? `the policy refuses it now: ${ruling.why}`
            : 'other people have to approve it; say `panic off` once more afterwards',
      })),
  };
}

/** One ruling on all of them. Even what would need no approval alone needs one here. */
export function rulingOnReopening(ruled: readonly Ruled[], policy: Policy): Ruling {
  const refused = ruled.find(({ ruling }) => ruling.end === 'refuse');
  if (refused !== undefined) return refused.ruling;
  const needs = new Map(
    ruled.flatMap(({ ruling }) =>
      ruling.end === 'approve' ? [[needKey(ruling), ruling.need] as const] : [],
    ),
  );
  if (needs.size > 1)
    return { end: 'refuse', why: 'different people have to approve these doors; ask for them one by one' };
  const [need = needOf(policy)] = [...needs.values()];
  const why = ruled.length === 0 ? 'it lets doors be opened again' : `it opens ${doorsInWords(ruled)} again`;
  return { end: 'approve', why, need };
}

function needKey(ruling: Ruling): string | undefined {
  return ruling.end === 'approve' ? canonicalJson(ruling.need) : undefined;
}
