/** After the steps of a panic: what stands now, which doors are kept for opening them again, and how those do that were. */

import { doorsInWords } from '../../src/core/names.ts';
import type { PanicCommand } from '../../src/core/panic.ts';
import type { DoorSpec, WorkPlan } from '../../src/core/plan.ts';
import { doorLine } from '../../src/core/plans/plan-panic.ts';
import type { Proof } from '../../src/core/proof.ts';
import type { Door, RequestRecord } from '../../src/core/record.ts';
import { seeDoors } from '../plans/make-panic-plan.ts';
import type { Tools } from '../tools.ts';
import { openedDoor, placed, proveOpen } from './settle-door.ts';

/** How long openings that were under way may take to take themselves back, in milliseconds. */
const UNDER_WAY_MS = 20_000;

/** Whether everything is closed that should be, or open. The registers are brought up to date. */
export async function settlePanic(
  record: RequestRecord,
  command: PanicCommand,
  plan: WorkPlan,
  tools: Tools,
  signal: AbortSignal,
): Promise<Proof> {
  return plan.reopens === undefined
    ? settleClosing(record, command, plan, tools, signal)
    : settleReopening(record, plan.reopens, plan, tools, signal);
}

async function settleClosing(
  { asked }: RequestRecord,
  { host }: PanicCommand,
  plan: WorkPlan,
  tools: Tools,
  signal: AbortSignal,
): Promise<Proof> {
  const { doors, panic } = tools.records;
  await openingsEnded(host, tools, signal);
  const { doors: standing, silent } = await seeDoors(host, tools, signal);
  const stand = new Set(standing.map(({ door }) => door.id));
  const deaf = new Set(silent.map(({ name }) => name));
  const known = new Map((await doors.list()).map((door) => [door.id, door]));
  const kept = new Set((await panic.kept()).map(({ id }) => id));
  const closed = plan.closes.filter(({ id }) => !stand.has(id));
  for (const spec of closed) {
    const door = known.get(spec.id);
    // Run again after a crash, it is kept already and no longer in the register.
    if (door !== undefined) await panic.keep(door);
    else if (!kept.has(spec.id)) await panic.keep(strayDoor(spec, asked.requester));
  }
  // What was being opened when panic was called has no place in the register either.
  const gone = [...known.values()].filter(
    (door) => isAbout(door, host) && !stand.has(door.id) && !deaf.has(door.host),
  );
  for (const { id } of gone) await doors.remove(id);
  const seen = `closed ${doorsInWords(closed)}`;
  if (standing.length === 0 && silent.length === 0) return { state: 'proven', seen };
  const rest = [...standing.map(({ door }) => doorLine(door)), ...silent.map(({ name }) => `all of ${name}`)];
  const hop = `still open: ${rest.slice(0, 10).join('; ')}${rest.length > 10 ? ` and ${rest.length - 10} more` : ''}`;
  return {
    state: 'broken',
    seen,
    broken: { hop, next: 'Say `panic` again; `/lxd hosts` shows who answers.' },
  };
}

/** Steps look for panic themselves and take back what they did. */
async function openingsEnded(
  host: string | undefined,
  { records }: Tools,
  signal: AbortSignal,
): Promise<void> {
  for (const until = Date.now() + UNDER_WAY_MS; Date.now() < until; ) {
    signal.throwIfAborted();
    const open = await Promise.all((await records.requests.open()).map((id) => records.requests.get(id)));
    const running = open.filter(
      (each) =>
        each?.state === 'applying' &&
        each.plan?.action === 'open' &&
        'door' in each.plan &&
        isAbout(each.plan.door, host),
    );
    if (running.length === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

function isAbout(door: DoorSpec, host: string | undefined): boolean {
  return host === undefined || door.host === host;
}

/** A door that nobody had in the register; its id says from which request it was. */
function strayDoor(spec: DoorSpec, owner: string): Door {
  const request = spec.id.replace(/^door-/, 'req-');
  const proof: Proof = { state: 'checked', seen: 'it stood there when panic was called' };
  const publicAddress = spec.publicAddress ?? '0.0.0.0';
  return { ...spec, publicAddress, owner, request, openedAt: Date.now(), proof };
}

async function settleReopening(
  record: RequestRecord,
  reopened: readonly DoorSpec[],
  { steps }: WorkPlan,
  tools: Tools,
  signal: AbortSignal,
): Promise<Proof> {
  const { doors, panic, requests } = tools.records;
  const states = (await requests.get(record.asked.id))?.steps ?? [];
  const isOpen = ({ id }: DoorSpec): boolean =>
    steps.every((step, index) => step.door?.id !== id || states[index] === 'done');
  const kept = new Map((await panic.kept()).map((door) => [door.id, door]));
  const over = [...kept.values()].filter(({ endsAt = Number.POSITIVE_INFINITY }) => endsAt <= Date.now());
  await panic.forget(over.map(({ id }) => id));
  const results = await Promise.all(
    reopened.filter(isOpen).map(async (spec) => {
      const door = await placed(spec, tools, signal);
      const known = { ...openedDoor(record, { steps }, door), ...ownerOf(kept.get(spec.id)) };
      const proof = await proveOpen(door, known, tools, signal);
      await doors.put({ ...known, proof });
      await panic.forget([spec.id]);
      return { door, proof };
    }),
  );
  const shut = reopened
    .filter((spec) => !isOpen(spec))
    .map((spec) => `${doorLine(spec)} could not be opened`);
  const mute = results
    .filter(({ proof }) => proof.state === 'broken')
    .map(({ door }) => `${doorLine(door)} does not answer`);
  const seen = `opened ${doorsInWords(results)} again`;
  const [first] = [...shut, ...mute];
  if (first === undefined) return { state: 'proven', seen };
  const hop = [...shut, ...mute].slice(0, 10).join('; ');
  return {
    state: 'broken',
    seen,
    broken: { hop, next: '`/lxd panic off` once more tries those that are closed.' },
  };
}

/** Whose door it was stays so, what for and until when. */
function ownerOf(door: Door | undefined): Partial<Door> {
  if (door === undefined) return {};
  const { owner, reason, request, channel, endsAt, forSeconds } = door;
  return {
    owner,
    request,
    ...(reason !== undefined && { reason }),
    ...(channel !== undefined && { channel }),
    ...(endsAt !== undefined && { endsAt }),
    ...(forSeconds !== undefined && { forSeconds }),
  };
}
