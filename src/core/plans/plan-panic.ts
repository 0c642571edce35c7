/** Plans the closing of every door at once, and the opening again of those that were closed so. Pure. */

import { doorsInWords } from '../names.ts';
import { type PanicCommand, placeOfPanic } from '../panic.ts';
import { type DoorPlan, type DoorSpec, makeWorkPlan, type Step, type WorkPlan } from '../plan.ts';
import { type Refusal, refuse } from '../refusal.ts';
import { sourcesInWords } from '../sources.ts';
import { privateSideOf, publicSideOf } from '../step-words.ts';
import type { StandingDoor } from '../tags/standing-doors.ts';
import type { ThingOf } from '../thing.ts';

export interface PanicWorld {
  /** All that stand there. */
  doors: readonly StandingDoor[];
  /** Hosts and clouds that did not answer, with how many doors the register has there. */
  silent: readonly { name: string; doors: number }[];
}

const LIVE_ON = 'connections that are open now live on until they end: LXD does not cut them';

/** First the openings are held, then whatever leads in goes, then what is behind it. */
export function planPanic(command: PanicCommand, { doors, silent }: PanicWorld): WorkPlan {
  const { host } = command;
  return makeWorkPlan({
    action: 'panic',
    subject: panicSubject(host),
    summary: `closes ${doorsInWords(doors)} on ${placeOfPanic(host)}, and opens none there until \`/lxd panic off ${host ?? 'all'}\` is approved`,
    steps: [{ do: 'put', thing: { kind: 'panic', ...(host !== undefined && { host }) } }, ...shutAll(doors)],
    closes: doors.map(({ door }) => door),
    approvals: 1,
    why: ['what leads in goes first, on every host at the same time; then what stands behind it'],
    warnings: [
      ...silent.map(
        ({ name, doors: count }) =>
          `${name} does not answer: its ${doorsInWords({ length: count })} could not be closed; say it again when it does`,
      ),
      ...(doors.length === 0 ? [] : [LIVE_ON]),
    ],
  });
}

/** What stands at one address of a host goes with one call, unless there is more in front of it that has to go before. */
function shutAll(doors: readonly StandingDoor[]): Step[] {
  const together = new Map<string, ThingOf<'forwards'>>();
  for (const { door, things } of doors) {
    const outer = things.at(-1);
    if (outer?.kind !== 'forward') continue;
    const { host, network, listenAddress } = outer;
    const key = `${host} ${network} ${listenAddress}`;
    const thing = together.get(key) ?? { kind: 'forwards', host, network, listenAddress, doors: [] };
    thing.doors.push(door.id);
    together.set(key, thing);
  }
  const first = [...together.values()].map((thing): Step => ({ do: 'remove', thing }));
  const rest = doors.flatMap(({ door, things }) =>
    things
      .filter((thing, index) => thing.kind !== 'forward' || index < things.length - 1)
      .reverse()
      .map((thing): Step => ({ do: 'remove', thing, door })),
  );
  return [...first, ...rest];
}

/**
 * The doors are opened again as they were, as far as that is possible now.
 * @param held panic was called for all hosts, and this is about one of them: its doors open again, new ones do not
 * @param left what stays closed, a line each with the reason
 */
export function planReopening(
  { host }: PanicCommand,
  held: boolean,
  plans: readonly DoorPlan[],
  left: readonly string[],
): WorkPlan {
  const doors = plans.map(({ door }) => door);
  const lift: Step = { do: 'remove', thing: { kind: 'panic', ...(host !== undefined && { host }) } };
  return makeWorkPlan({
    action: 'panic',
    subject: panicSubject(host),
    summary: `opens ${doorsInWords(doors)} on ${placeOfPanic(host)} again, ${held ? 'but no new ones before `/lxd panic off all` is approved' : 'and lets new ones be opened there'}`,
    risk: doors.length === 0 ? 'new doors may be opened again' : `it opens ${doorsInWords(doors)} again`,
    steps: [
      ...plans.flatMap(({ door, steps }) => steps.map((step): Step => ({ ...step, door }))),
      ...(held ? [] : [lift]),
    ],
    closes: [],
    reopens: doors,
    approvals: 1,
    why: doors.map((door) => `opens ${doorLine(door)} for ${sourcesInWords(door.sources)}`),
    warnings: left.map((line) => `stays closed: ${line}`),
  });
}

/** Why there is nothing to take back. */
export function notInPanic({ host }: PanicCommand): Refusal {
  const message = `Panic was not called for ${placeOfPanic(host)}.`;
  return refuse('nothing_to_do', message, '`/lxd doors` shows what is open.');
}

/** Why one host alone cannot be let open doors again. */
export function heldEverywhere({ host }: PanicCommand): Refusal {
  const message = `Panic was called for all hosts, and no door of ${placeOfPanic(host)} waits to be opened again.`;
  return refuse('nothing_to_do', message, '`/lxd panic off all` takes it back.');
}

/** Two plans about the same do not run side by side. */
function panicSubject(host: string | undefined): string {
  return `panic ${host ?? 'all'}`;
}

/** `198.51.100.11:80 → web1/blog:80` */
export function doorLine(door: DoorSpec): string {
  return `${publicSideOf(door)} → ${privateSideOf(door)}`;
}
