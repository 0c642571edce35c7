/** Plans to take a door into the register as it stands. Pure. */
import { makeWorkPlan, type WorkPlan } from '../plan.ts';
import type { Door } from '../record.ts';
import { type Refusal, refuse } from '../refusal.ts';
import { nameOf } from '../request.ts';
import { sourcesInWords } from '../sources.ts';
import { momentInWords } from '../span.ts';
import { privateSideOf, publicSideOf } from '../step-words.ts';
import type { StandingDoor } from '../tags/standing-doors.ts';
import { roadThings } from './road-things.ts';

/**
 * @param known what the register has of it
 * @param now milliseconds since 1970
 */
export function planAdopt(
  { door, things }: StandingDoor,
  known: Door | undefined,
  now: number,
): WorkPlan | Refusal {
  const { id, host, instance, road, sources, publicAddress } = door;
  const side = publicSideOf(door);
  if (publicAddress === undefined)
    return refuse(
      'no_road',
      `${privateSideOf(door)} has no public address now.`,
      'Close it, if nobody needs it.',
    );
  if (known?.endsAt !== undefined && known.endsAt <= now)
    return refuse('nothing_to_do', `The end of ${side} has come: it is being closed.`);
  const end =
    known?.endsAt === undefined
      ? 'until somebody closes it'
      : `until ${momentInWords(known.endsAt)}, as before`;
  return makeWorkPlan({
    action: 'adopt',
    subject: nameOf({ host, instance, ...(road === 'server' && { server: true }) }),
    summary: `takes ${side} → ${privateSideOf(door)} into the register as it stands`,
    closes: [],
    steps: [{ do: 'put', thing: { kind: 'entry', host, door: id, things: roadThings(things) }, door }],
    why: [`it lets in ${sourcesInWords(sources)} via ${road}, ${end}`],
    warnings: known === undefined ? [`the register does not know ${id}: who asked for it, and why`] : [],
    approvals: 1,
  });
}
