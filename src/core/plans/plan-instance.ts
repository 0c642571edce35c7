/** Plans what is done with an instance that exists: starting, stopping, deleting, keeping, restoring. Pure. */

import { nearest } from '../commands/nearest.ts';
import { makeWorkPlan, type Step, type WorkPlan } from '../plan.ts';
import { type Refusal, refuse } from '../refusal.ts';
import type { PowerCommand, SnapshotCommand } from '../request.ts';
import { publicSideOf } from '../step-words.ts';
import type { Kept } from '../tags/kept.ts';
import { type StandingDoor, standingDoors } from '../tags/standing-doors.ts';
import type { HostWorld } from '../world.ts';
import { closingSteps } from './plan-unexpose.ts';

/** An instance as it was seen, on the host that has it. */
export interface InstanceSeen {
  host: HostWorld;
  name: string;
  /** `Running`, `Stopped`, `Frozen` … */
  status: string;
  /** Oldest first. */
  snapshots: readonly { name: string; at: string }[];
  /** What of it must outlive a restore. */
  kept: Kept;
}

export function planPower({ action }: PowerCommand, seen: InstanceSeen): WorkPlan | Refusal {
  if (action === 'delete') return planDelete(seen);
  const refusal = wrongStatus(action, seen);
  if (refusal !== undefined) return refusal;
  const doors = doorsOf(seen);
  const power = (wanted: 'running' | 'stopped'): Step => ({
    do: 'put',
    thing: { kind: 'power', ...placeOf(seen), wanted },
  });
  const steps = {
    start: [power('running')],
    stop: [power('stopped')],
    restart: [power('stopped'), power('running')],
  };
  const verbs = { start: 'starts', stop: 'stops', restart: 'stops and starts' };
  const dead = action === 'stop' ? 'until it runs again' : 'until it has started';
  return makeWorkPlan({
    ...base(action, seen),
    summary: `${verbs[action]} ${subjectOf(seen)}`,
    steps: steps[action],
    ...(doors.length > 0 &&
      action !== 'start' && { risk: `${countOf(doors.length, 'door')} to it would lead nowhere ${dead}` }),
    warnings: action === 'start' ? [] : doors.map((each) => `${sideOf(each)} leads there`),
  });
}

/** The name of a snapshot that nobody named: of its request. */
export function snapshotNameOf(requestId: string): string {
  return requestId.replace(/^req-/, 'snap-');
}

export function planSnapshot(
  requestId: string,
  command: SnapshotCommand,
  seen: InstanceSeen,
): WorkPlan | Refusal {
  const snapshot = command.snapshot ?? snapshotNameOf(requestId);
  if (seen.snapshots.some(({ name }) => name === snapshot))
    return refuse(
      'exists',
      `${subjectOf(seen)} has a snapshot \`${snapshot}\` already.`,
      `Take another name; there are ${snapshotsInWords(seen)}.`,
    );
  const running = seen.status === 'Running';
  return makeWorkPlan({
    ...base('snapshot', seen),
    summary: `keeps ${subjectOf(seen)} as ${snapshot}`,
    steps: [{ do: 'put', thing: { kind: 'snapshot', ...placeOf(seen), snapshot } }],
    warnings: running ? ['it runs: its disk is kept as it is in that moment, its memory is not'] : [],
  });
}

export function planRestore(command: SnapshotCommand, seen: InstanceSeen): WorkPlan | Refusal {
  const snapshot =
    command.snapshot === undefined
      ? seen.snapshots.at(-1)
      : seen.snapshots.find(({ name }) => name === command.snapshot);
  if (snapshot === undefined) return noSnapshot(command, seen);
  const running = seen.status === 'Running';
  const doors = doorsOf(seen);
  return makeWorkPlan({
    ...base('restore', seen),
    summary: `puts ${subjectOf(seen)} back to ${snapshot.name}, which was kept at ${snapshot.at}`,
    risk: `what changed in ${seen.name} since is lost`,
    steps: [
      {
        do: 'put',
        thing: { kind: 'restored', ...placeOf(seen), snapshot: snapshot.name, kept: seen.kept, running },
      },
    ],
    why: command.snapshot === undefined ? ['it is the newest snapshot'] : [],
    warnings: [
      ...(running ? ['it is stopped for that, and started again'] : []),
      ...(doors.length === 0 ? [] : [`its doors stay as they are: ${doors.map(sideOf).join(', ')}`]),
    ],
  });
}

function planDelete(seen: InstanceSeen): WorkPlan {
  const doors = doorsOf(seen);
  const closing = doors.flatMap((standing) =>
    closingSteps(standing).map((step): Step => ({ ...step, door: standing.door })),
  );
  const shut = doors.length === 0 ? '' : `closes ${countOf(doors.length, 'door')} of ${subjectOf(seen)} and `;
  return makeWorkPlan({
    ...base('delete', seen),
    summary: doors.length === 0 ? `deletes ${subjectOf(seen)}` : `${shut}deletes it`,
    risk: `nothing brings ${seen.name} back`,
    steps: [...closing, { do: 'remove', thing: { kind: 'instance', ...placeOf(seen) } }],
    closes: doors.map(({ door }) => door),
    warnings: [
      ...doors.map((each) => `${sideOf(each)} is closed`),
      ...(seen.snapshots.length === 0 ? [] : [`${countOf(seen.snapshots.length, 'snapshot')} lost with it`]),
      ...(seen.status === 'Running' ? ['it runs now, and is stopped'] : []),
    ],
  });
}

function base(action: WorkPlan['action'], seen: InstanceSeen) {
  return {
    action,
    subject: subjectOf(seen),
    closes: [] as WorkPlan['closes'],
    approvals: 1,
    why: [] as string[],
  } as const;
}

function wrongStatus(action: 'start' | 'stop' | 'restart', seen: InstanceSeen): Refusal | undefined {
  const { status, name } = seen;
  const subject = subjectOf(seen);
  if (action === 'start' && status === 'Running')
    return refuse('nothing_to_do', `${subject} runs already.`, `\`restart ${subject}\` starts it anew.`);
  if (action === 'stop' && status === 'Stopped')
    return refuse('nothing_to_do', `${subject} is stopped already.`);
  if (action === 'restart' && status === 'Stopped')
    return refuse('not_running', `${subject} is stopped.`, `Start it: \`start ${subject}\`.`);
  if (action === 'stop' || status === 'Stopped' || status === 'Running') return undefined;
  const next = `Wake it with \`lxc start ${name}\` on ${seen.host.host}, or stop it first: \`stop ${subject}\`.`;
  return refuse('not_running', `${subject} is ${status.toLowerCase()}.`, next);
}

function noSnapshot({ snapshot = '' }: SnapshotCommand, seen: InstanceSeen): Refusal {
  const subject = subjectOf(seen);
  if (seen.snapshots.length === 0)
    return refuse('not_found', `${subject} has no snapshots.`, `\`snapshot ${subject}\` makes one.`);
  const close = nearest(
    snapshot,
    seen.snapshots.map(({ name }) => name),
  );
  const next =
    close.length === 0
      ? `There are: ${snapshotsInWords(seen)}.`
      : `Did you mean ${close.map((name) => `\`restore ${subject} ${name}\``).join(' or ')}?`;
  return refuse('not_found', `${subject} has no snapshot \`${snapshot}\`.`, next);
}

function snapshotsInWords({ snapshots }: InstanceSeen): string {
  return [...snapshots]
    .reverse()
    .slice(0, 10)
    .map(({ name }) => `\`${name}\``)
    .join(', ');
}

function doorsOf({ host, name }: InstanceSeen): StandingDoor[] {
  return standingDoors(host).filter(({ door }) => door.instance === name);
}

function sideOf({ door }: StandingDoor): string {
  return publicSideOf(door);
}

function placeOf({ host, name }: InstanceSeen): { host: string; instance: string } {
  return { host: host.host, instance: name };
}

function subjectOf({ host, name }: InstanceSeen): string {
  return `${host.host}/${name}`;
}

function countOf(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
