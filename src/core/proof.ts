/** What knocking on a door showed, and what it says about the door. Pure. */
import type { DoorSpec } from './plan.ts';
import { portOf } from './request.ts';
import { admits } from './sources.ts';
import type { Listener } from './world.ts';

/** What one knock from the worker saw. Times in milliseconds. */
export type Knock =
  | { kind: 'http'; status: number; title?: string; ms: number }
  | { kind: 'open'; ms: number }
  | { kind: 'hung_up'; ms: number }
  | { kind: 'refused' }
  | { kind: 'silent' }
  | { kind: 'unreachable'; why: string };

/** Everything seen after the steps were done. */
export interface Evidence {
  knock: Knock;
  /** The worker's own address as the door would see it. */
  from?: string;
  listeners?: readonly Listener[];
  /** The outer thing of the road stands on the host. */
  ruleStands: boolean;
  /** The instance still has the address that the road leads to. */
  addressKept: boolean;
}

export type ProofState = 'proven' | 'checked' | 'broken';

/** proven: it answered from outside. checked: every hop is right, but an answer could not be seen. broken: a hop is not. */
export interface Proof {
  state: ProofState;
  /** What was seen, one sentence. */
  seen: string;
  /** The first hop that fails and what to do. Only when broken. */
  broken?: { hop: string; next: string };
}

/** The proof of an opened door. */
export function proofOf(door: DoorSpec, evidence: Evidence): Proof {
  const { knock } = evidence;
  if (knock.kind === 'http') return { state: 'proven', seen: httpInWords(knock) };
  if (knock.kind === 'open') return { state: 'proven', seen: `accepted a connection after ${knock.ms} ms` };
  const hop = brokenHop(door, evidence);
  const seen = knockInWords(knock);
  if (hop !== undefined) return { state: 'broken', seen, broken: hop };
  if (door.protocol === 'udp')
    return { state: 'checked', seen: 'udp gives no answer of its own; every hop is in place' };
  if (evidence.from !== undefined && !admits(door.sources, evidence.from)) {
    const seenFrom = `${seen}, as it should: ${evidence.from} is not among the sources`;
    return { state: 'checked', seen: `${seenFrom}; every hop is in place` };
  }
  return { state: 'broken', seen, broken: unknownHop(door) };
}

/** What a knock on a closed door should show, or what is still wrong. */
export function closedProofOf(door: DoorSpec, knock: Knock): Proof {
  if (knock.kind === 'refused' || knock.kind === 'silent' || knock.kind === 'unreachable') {
    return { state: 'proven', seen: `no longer answers (${knockInWords(knock)})` };
  }
  if (door.protocol === 'udp')
    return { state: 'checked', seen: 'the forward is gone; udp gives no answer of its own' };
  const next = 'Something else answers there now; `list` and the host’s own services may tell what.';
  return {
    state: 'broken',
    seen: `still ${knockInWords(knock)}`,
    broken: { hop: 'the public address', next },
  };
}

/** What was seen, in words that fit behind the address. */
export function knockInWords(knock: Knock): string {
  switch (knock.kind) {
    case 'http':
      return httpInWords(knock);
    case 'open':
      return 'accepted a connection';
    case 'hung_up':
      return 'accepted a connection and hung up at once';
    case 'refused':
      return 'refused the connection';
    case 'silent':
      return 'did not answer';
    case 'unreachable':
      return `could not be reached (${knock.why})`;
  }
}

function httpInWords({ status, title, ms }: Extract<Knock, { kind: 'http' }>): string {
  return `answered ${status}${title === undefined ? '' : ` “${title}”`} in ${ms} ms`;
}

/** The first hop, from the inside out, that is not as it should be. */
function brokenHop(door: DoorSpec, { listeners, ruleStands, addressKept }: Evidence): Proof['broken'] {
  const service = portOf(door.port, door.protocol);
  if (!addressKept) {
    const next = `Close it (\`unexpose ${door.host}/${door.instance} ${service}\`) and ask again.`;
    return { hop: `the address of ${door.instance}`, next };
  }
  const there = listeners?.filter(({ port, protocol }) => port === door.port && protocol === door.protocol);
  if (there !== undefined && there.length === 0) {
    const next = `Start the service in ${door.instance}; the door stands and needs no new request.`;
    return { hop: `nothing listens on ${door.instance}:${service}`, next };
  }
  if (!ruleStands) {
    return {
      hop: `the ${door.road} on ${door.host} is gone`,
      next: 'Somebody removed it; ask for the door again.',
    };
  }
  return undefined;
}

function unknownHop(door: DoorSpec): NonNullable<Proof['broken']> {
  const side = `${door.publicAddress}:${door.publicPort}`;
  const next = `A firewall on ${door.host}, in front of it or inside ${door.instance} may drop it; everything LXD does is in place.`;
  return { hop: `between here and ${side}`, next };
}
