/** Plans a new instance: which host, which image, and why. Pure. */

import { makeWorkPlan, type WorkPlan } from '../plan.ts';
import { isRefusal, type Refusal, refuse } from '../refusal.ts';
import { type LaunchCommand, portOf } from '../request.ts';
import { type Candidate, candidateOf, type LaunchHost } from './launch-candidate.ts';
import { placeOn, type Room, roomFor, roomInWords } from './room.ts';

export interface LaunchWorld {
  /** The hosts that answered, by name. */
  hosts: readonly LaunchHost[];
  silent: readonly { host: string; why: string }[];
  /** Where the plan of a moment ago puts it. */
  before?: string;
}

/** A plan that makes the instance and starts it, or why there is no place for it. */
export function planLaunch(
  requestId: string,
  command: LaunchCommand,
  world: LaunchWorld,
): WorkPlan | Refusal {
  const { target } = command;
  const taken = nameTaken(requestId, command, world);
  if (taken !== undefined) return taken;
  const asked = world.hosts.filter(({ host }) => target.host === undefined || target.host === host);
  const made = asked.find(({ instances }) => instances.some(({ request }) => request === requestId));
  const looked = (made === undefined ? asked : [made]).map((host) => candidateOf(command, host));
  const candidates = looked.flatMap((each) => (isRefusal(each) ? [] : [each]));
  const refusals = looked.flatMap((each) => (isRefusal(each) ? [each] : []));
  const rooms = candidates.map(({ room }) => room);
  // Who names a host has reasons; who names none gets one with room.
  const isFree = made === undefined && target.host === undefined;
  const place = isFree ? placeOn(rooms, world.before) : rooms[0];
  const chosen = candidates.find(({ room }) => room === place);
  if (place === undefined || chosen === undefined) return nowhere(command, rooms, refusals, world);
  return launchPlan(requestId, command, chosen, whyThere(command, place, rooms, refusals, world));
}

function launchPlan(
  requestId: string,
  command: LaunchCommand,
  { room, image, warnings }: Candidate,
  why: string[],
): WorkPlan {
  const { target, profiles, expose } = command;
  const { host } = room;
  const place = { host, instance: target.instance };
  const from = { name: command.image, image, request: requestId, ...(profiles && { profiles }) };
  const door =
    expose === undefined ? '' : `, then asks for a door to its port ${portOf(expose.port, expose.protocol)}`;
  return makeWorkPlan({
    action: 'launch',
    subject: `${host}/${target.instance}`,
    summary: `makes ${host}/${target.instance} from ${command.image} and starts it${door}`,
    steps: [
      { do: 'put', thing: { kind: 'instance', ...place, from } },
      { do: 'put', thing: { kind: 'power', ...place, wanted: 'running', withAddress: true } },
    ],
    closes: [],
    approvals: 1,
    why,
    warnings: [
      ...warnings,
      ...(roomFor(room) === 0 ? [`${roomInWords(room)}, which may be too little`] : []),
      ...(expose === undefined ? [] : ['the door is a request of its own, with its own approval']),
    ],
  });
}

/** Two instances of one name on two hosts are possible, but nobody gets them by accident. */
function nameTaken(
  requestId: string,
  { target }: LaunchCommand,
  { hosts }: LaunchWorld,
): Refusal | undefined {
  const { instance, host: named } = target;
  const there = hosts.find(
    ({ host, instances }) =>
      (named === undefined || named === host) &&
      instances.some(({ name, request }) => name === instance && request !== requestId),
  );
  if (there === undefined) return undefined;
  const next =
    named === undefined
      ? `Take another name, or name another host: \`launch … ${instance} on <host>\`.`
      : 'Take another name.';
  return refuse('exists', `${there.host} has an instance \`${instance}\` already.`, next);
}

function whyThere(
  { target }: LaunchCommand,
  place: Room,
  rooms: readonly Room[],
  refusals: readonly Refusal[],
  { silent }: LaunchWorld,
): string[] {
  if (target.host !== undefined) return [`${place.host} was named`, roomInWords(place)];
  const others = rooms.filter((room) => room !== place);
  return [
    others.length === 0 ? roomInWords(place) : `${roomInWords(place)}: the most`,
    ...others.map(roomInWords),
    ...refusals.map(({ message }) => message.replace(/\.$/, '')),
    ...silent.map(({ host }) => `${host} does not answer`),
  ];
}

function nowhere(
  { target }: LaunchCommand,
  rooms: readonly Room[],
  refusals: readonly Refusal[],
  { silent }: LaunchWorld,
): Refusal {
  const [full] = rooms;
  if (full !== undefined) {
    const words = rooms.map(roomInWords).join('; ');
    return refuse('quota', `No host has room for another instance: ${words}.`, 'Make one: `host create`.');
  }
  const [first] = refusals;
  if (first !== undefined && (refusals.length === 1 || target.host !== undefined)) return first;
  if (first !== undefined) {
    const all = [...new Set(refusals.map(({ message }) => message))].join(' ');
    return refuse(first.reason, all, first.next);
  }
  const [quiet] = silent;
  return quiet === undefined
    ? refuse('not_found', 'There is no host to launch it on.', '`/lxd hosts` shows them.')
    : refuse(
        'host_silent',
        `No host could be asked: ${quiet.host} did not answer (${quiet.why}).`,
        'Try again, or look at `/lxd hosts`.',
      );
}
