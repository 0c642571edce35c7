/** Picks the road and says why. */
import { type Refusal, refuse } from '../refusal.ts';
import type { RoadName } from '../request.ts';
import type { Thing } from '../thing.ts';
import type { ExposeWorld, Listener } from '../world.ts';
import { bridged } from './bridged.ts';
import { fipPort } from './fip-port.ts';
import { forward } from './forward.ts';
import { lan } from './lan.ts';
import { port } from './port.ts';
import { proxy } from './proxy.ts';
import { type Fit, type Road, type RoadAsk, unfit } from './road.ts';
import { routed } from './routed.ts';
import { userspace } from './userspace.ts';

/** Best first: kernel roads before the one that copies bytes, and those that leave the instance as it is before the others. */
const ROADS: readonly Road[] = [forward, proxy, fipPort, userspace, routed, port, bridged, lan];
const BY_NAME: ReadonlyMap<string, Road> = new Map(ROADS.map((road) => [road.name, road]));

export interface Choice {
  road: RoadName;
  things: Thing[];
  why: string[];
  publicAddress?: string;
  publicPort: number;
  warnings: string[];
  cost: string[];
}

/** True for roads on which the instance has an address of its own, so that the host's ports do not matter. */
export function hasOwnAddress(name: RoadName | undefined): boolean {
  return name !== undefined && BY_NAME.get(name)?.own === true;
}

/** The first road that fits, or the one that was asked for; a refusal with every road's reason otherwise. */
export function chooseRoad(ask: RoadAsk, world: ExposeWorld): Choice | Refusal {
  const asked = ask.command.road;
  if (asked === 'server')
    return refuse(
      'no_road',
      'The road server leads to servers of a cloud, not to instances.',
      'Name it: `expose server:web 80`.',
    );
  const tried = roadsFor(world, asked).map((road) => ({ road, fit: fitOf(road, ask, world) }));
  const chosen = tried.find(({ road, fit }) => fit.fits && (asked === undefined || road.name === asked));
  if (chosen?.fit.fits !== true)
    return noRoad(
      ask,
      world,
      tried.filter(({ road }) => asked === undefined || road.name === asked),
    );
  const { road, fit } = chosen;
  const first = asked === undefined ? `${road.name}: ${fit.why}` : `${road.name}: asked for; ${fit.why}`;
  const passed = asked === undefined ? tried.slice(0, tried.indexOf(chosen)) : [];
  const others = world.host.cloud === undefined ? passed : tried.filter((each) => each !== chosen);
  const { things, publicPort, publicAddress, warnings = [], cost = [] } = fit;
  return {
    road: road.name,
    things,
    why: [first, ...notThese(others), ...alsoThese(others)],
    publicPort,
    ...(publicAddress !== undefined && { publicAddress }),
    warnings,
    cost,
  };
}

interface Tried {
  road: Road;
  fit: Fit;
}

/** Clouds and LANs have their own roads; only who asks for another one is told why it is none. */
function roadsFor({ host }: ExposeWorld, asked: RoadName | undefined): Road[] {
  const elsewhere: RoadName[] =
    host.cloud === undefined ? ['fip-port', 'routed', 'port', 'bridged', 'lan'] : ['lan'];
  return ROADS.filter(({ name }) => name === asked || !elsewhere.includes(name));
}

function fitOf(road: Road, ask: RoadAsk, world: ExposeWorld): Fit {
  const fit = road.fit(ask, world);
  const loopback = road.name === 'userspace' ? undefined : onlyOnLoopback(ask, world);
  return fit.fits && loopback !== undefined ? unfit(loopback) : fit;
}

/** A line for each reason, with all roads that it rules out. */
function notThese(tried: readonly Tried[]): string[] {
  const passed = tried.flatMap(({ road, fit }) => (fit.fits ? [] : [{ road: road.name, why: fit.why }]));
  const reasons = [...new Set(passed.map(({ why }) => why))];
  return reasons.map((why) => {
    const roads = passed.filter((each) => each.why === why).map(({ road }) => road);
    return `not ${roads.join(' or ')}: ${why}`;
  });
}

function alsoThese(tried: readonly Tried[]): string[] {
  const fitting = tried.filter(({ fit }) => fit.fits).map(({ road }) => road.name);
  return fitting.length === 0 ? [] : [`possible with \`via\`, too: ${fitting.join(', ')}`];
}

function noRoad(ask: RoadAsk, world: ExposeWorld, tried: readonly Tried[]): Refusal {
  const { name } = world.instance;
  return refuse('no_road', `No road leads to ${name}: ${notThese(tried).join('; ')}.`, nextMove(world, ask));
}

function onlyOnLoopback({ command }: RoadAsk, { listeners, instance }: ExposeWorld): string | undefined {
  const there = (listeners ?? []).filter(
    ({ port: number, protocol }) => number === command.port && protocol === command.protocol,
  );
  if (there.length === 0 || !there.every(isLoopback)) return undefined;
  return `${instance.name} listens on ${there[0]?.address} only, which no packet from outside reaches`;
}

function isLoopback({ address }: Listener): boolean {
  return address === '::1' || address.startsWith('127.');
}

function nextMove(world: ExposeWorld, ask: RoadAsk): string | undefined {
  if (ask.command.road !== undefined) return 'Leave out `via` to have a road chosen.';
  if (onlyOnLoopback(ask, world) !== undefined)
    return 'Let the service listen on 0.0.0.0, or leave out `from`.';
  return undefined;
}
