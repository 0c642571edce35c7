/** Plans to move the end of a door. Pure. */
import { LONGEST } from '../door-end.ts';
import { makeWorkPlan, type Step, type WorkPlan } from '../plan.ts';
import type { Door } from '../record.ts';
import { type Refusal, refuse } from '../refusal.ts';
import { type ExtendCommand, nameOf } from '../request.ts';
import { sourcesInWords } from '../sources.ts';
import { momentInWords, spanInWords } from '../span.ts';
import { privateSideOf, publicSideOf } from '../step-words.ts';
import type { StandingDoor } from '../tags/standing-doors.ts';
import type { ThingOf } from '../thing.ts';

/**
 * A plan that moves the end, or why there cannot be one.
 * @param kept the door as the register has it, with its end; times are milliseconds since 1970
 */
export function planExtend(
  { bySeconds = 0, until: said }: ExtendCommand,
  standing: StandingDoor,
  kept: Pick<Door, 'endsAt' | 'openedAt' | 'sources'> | undefined,
  now: number,
): WorkPlan | Refusal {
  const { door } = standing;
  const endsAt = kept?.endsAt;
  const side = publicSideOf(door);
  if (endsAt === undefined) {
    const next = 'To give it an end, close it and open it again with `for 2h`.';
    return refuse('nothing_to_do', `${side} has no end: it is open until somebody closes it.`, next);
  }
  if (endsAt <= now)
    return refuse('nothing_to_do', `The end of ${side} has come: it is being closed.`, 'Open it again.');
  const until = said ?? endsAt + bySeconds * 1_000;
  if (until <= endsAt) {
    const next = 'To have it closed sooner, say `unexpose`.';
    return refuse('nothing_to_do', `${side} is open until ${momentInWords(endsAt)} anyway.`, next);
  }
  if (until - now > LONGEST * 1_000) {
    const message = `${side} would be open for more than 366 days from now.`;
    return refuse('nothing_to_do', message, `It ends at ${momentInWords(endsAt)}.`);
  }
  const { id, host, instance, road } = door;
  const sources = kept?.sources ?? door.sources;
  const guard = guardEnd(standing, { sources, was: endsAt, until });
  return makeWorkPlan({
    action: 'extend',
    subject: nameOf({ host, instance, ...(road === 'server' && { server: true }) }),
    summary: `keeps ${side} → ${privateSideOf(door)} open ${spanInWords((until - endsAt) / 1_000)} longer, until ${momentInWords(until)}`,
    closes: [],
    steps: [
      { do: 'put', thing: { kind: 'end', host, door: id, was: endsAt, until }, door },
      ...guard.map((thing): Step => ({ do: 'put', thing, door })),
    ],
    ...(kept && { lastsSeconds: Math.ceil((until - kept.openedAt) / 1_000) }),
    why: [
      `it lets in ${sourcesInWords(sources)} via ${road}, as before; it was to end at ${momentInWords(endsAt)}`,
    ],
    warnings: [],
    approvals: 1,
  });
}

/** What the host itself has to be told, where it has a guard for the door. */
function guardEnd(
  { things }: StandingDoor,
  { sources, ...to }: { sources: readonly string[]; was: number; until: number },
): ThingOf<'guard_end'>[] {
  return things.flatMap((thing) => {
    if (thing.kind !== 'guard') return [];
    const { host, address, protocol, port } = thing;
    return [{ kind: 'guard_end', host, address, protocol, port, ...to, sources: [...sources] }];
  });
}
