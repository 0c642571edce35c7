/** Picks the road and says why. */
import type { Thing } from '../plan.ts';
import { type Refusal, refuse } from '../refusal.ts';
import type { RoadName } from '../request.ts';
import type { ExposeWorld, Listener } from '../world.ts';
import { forward } from './forward.ts';
import { proxy } from './proxy.ts';
import type { Road, RoadAsk } from './road.ts';
import { userspace } from './userspace.ts';

/** Best first: kernel roads before the one that copies bytes. */
const ROADS: readonly Road[] = [forward, proxy, userspace];

export interface Choice {
  road: RoadName;
  things: Thing[];
  why: string[];
}

/** The first road that fits, or the one that was asked for; a refusal with every road's reason otherwise. */
export function chooseRoad(ask: RoadAsk, world: ExposeWorld): Choice | Refusal {
  const asked = ask.command.road;
  const passed: { road: RoadName; why: string }[] = [];
  for (const road of ROADS.filter(({ name }) => asked === undefined || name === asked)) {
    const fit = road.fit(ask, world);
    const loopback = road.name === 'userspace' ? undefined : onlyOnLoopback(ask, world);
    if (fit.fits && loopback === undefined) {
      const chosen = asked === undefined ? `${road.name}: ${fit.why}` : `${road.name}: asked for; ${fit.why}`;
      return { road: road.name, things: fit.things, why: [chosen, ...notThese(passed)] };
    }
    passed.push({ road: road.name, why: fit.fits ? (loopback ?? '') : fit.why });
  }
  const { name } = world.instance;
  return refuse(
    'no_road',
    `No road leads to ${name}: ${notThese(passed).join('; ')}.`,
    nextMove(asked, world, ask),
  );
}

/** A line for each reason, with all roads that it rules out. */
function notThese(passed: readonly { road: RoadName; why: string }[]): string[] {
  const reasons = [...new Set(passed.map(({ why }) => why))];
  return reasons.map((why) => {
    const roads = passed.filter((each) => each.why === why).map(({ road }) => road);
    return `not ${roads.join(' or ')}: ${why}`;
  });
}

function onlyOnLoopback({ command }: RoadAsk, { listeners, instance }: ExposeWorld): string | undefined {
  const there = (listeners ?? []).filter(
    ({ port, protocol }) => port === command.port && protocol === command.protocol,
  );
  if (there.length === 0 || !there.every(isLoopback)) return undefined;
  return `${instance.name} listens on ${there[0]?.address} only, which no packet from outside reaches`;
}

function isLoopback({ address }: Listener): boolean {
  return address === '::1' || address.startsWith('127.');
}

function nextMove(asked: RoadName | undefined, world: ExposeWorld, ask: RoadAsk): string | undefined {
  if (asked !== undefined) return 'Leave out `via` to have a road chosen.';
  if (onlyOnLoopback(ask, world) !== undefined)
    return 'Let the service listen on 0.0.0.0, or leave out `from`.';
  return undefined;
}
