/** The answer to `why`: the doors to a port, each with its road hop by hop, a knock and its history. Changes nothing. */
import type { Answer } from '../../src/core/answer.ts';
import { canonicalCommand } from '../../src/core/commands/canonical-command.ts';
import { type DoorWay, publicAddressOf, type RoadSeen } from '../../src/core/hops/door-way.ts';
import { findWays, isMeant } from '../../src/core/hops/find-ways.ts';
import { type DoorLook, type Knocked, lookAtDoor } from '../../src/core/hops/look-at-door.ts';
import { isRefusal } from '../../src/core/refusal.ts';
import { nameOf, portOf, type WhyCommand } from '../../src/core/request.ts';
import { ANYONE } from '../../src/core/sources.ts';
import { speaks } from '../../src/core/speaks.ts';
import { knock, ownAddressTowards } from '../../src/outside/knock.ts';
import { lookAtSpots, type Spot } from '../observe/look-at-spots.ts';
import type { Tools } from '../tools.ts';
import { historyOfDoor } from './history-of-door.ts';

/** More doors to one port are only counted: each takes a knock and many lines. */
const MOST_DOORS = 3;

/** A refusal where it is not clear what is meant. */
export async function whyDoor(command: WhyCommand, signal: AbortSignal, tools: Tools): Promise<Answer> {
  const registered = (await tools.records.doors.list()).filter((door) => isMeant(command, door));
  const named = registered.map(({ host }) => host);
  const found = await lookAtSpots(command, named, signal, tools);
  if (isRefusal(found)) return found;
  const { spots, silent } = found;
  const ways = spots.flatMap((spot) => {
    const known = registered.filter(({ host }) => host === spot.at);
    return findWays(command, known, spot).map((way) => ({ way, spot }));
  });
  const looks = ways.slice(0, MOST_DOORS).map(({ way, spot }) => lookFrom(way, spot, command, tools));
  const { port, protocol, sources } = command;
  const [only] = spots;
  const target = { ...command.target, ...(only !== undefined && { host: only.at }) };
  const whom = sources === undefined ? '' : ` from ${sources.join(',')}`;
  return {
    kind: 'why',
    asked: `why ${nameOf(target)} ${portOf(port, protocol)}${whom}`,
    about: `${nameOf(target)}:${portOf(port, protocol)}`,
    doors: await Promise.all(looks),
    more: Math.max(0, ways.length - MOST_DOORS),
    opening: canonicalCommand({ action: 'expose', target, port, protocol, sources: sources ?? [ANYONE] }),
    silent,
  };
}

async function lookFrom(way: DoorWay, spot: Spot, { sources }: WhyCommand, tools: Tools): Promise<DoorLook> {
  const seen: RoadSeen = { ...spot, now: Date.now(), ...(sources && { from: sources }) };
  const [knocked, history] = await Promise.all([knockOn(way, seen), historyOfDoor(way.known, tools)]);
  return { ...lookAtDoor(way, seen, knocked), history };
}

/** undefined where nobody can: no address is known, or it is one of this machine’s own and not the host’s. */
async function knockOn(way: DoorWay, { host }: RoadSeen): Promise<Knocked | undefined> {
  const address = publicAddressOf(way);
  const { protocol, port, publicPort } = way.door;
  if (address === undefined) return undefined;
  const isHosts = host !== undefined && 'seen' in host && host.seen.publicAddress === address;
  if (way.made === 'foreign' && address.startsWith('127.') && !isHosts) return undefined;
  // A connection to the port would say nothing.
  if (protocol === 'udp') return { seen: { kind: 'silent' } };
  const speak = speaks(port);
  const from = await ownAddressTowards(address);
  const seen = await knock({ address, port: publicPort, timeoutMs: 2_500, ...(speak && { speak }) });
  return { seen, ...(from !== undefined && { from }) };
}
