/** What knocking on a door showed, and what it says about the door. Pure. */
import type { DoorSpec } from './plan.ts';

/** What one knock from the worker saw. Times in milliseconds. */
export type Knock =
  | { kind: 'http'; status: number; title?: string; ms: number }
  | { kind: 'open'; ms: number }
  | { kind: 'hung_up'; ms: number }
  | { kind: 'refused' }
  | { kind: 'silent' }
  | { kind: 'unreachable'; why: string };

export type ProofState = 'proven' | 'checked' | 'broken';

/** proven: it answered from outside. checked: every hop is right, but an answer could not be seen. broken: a hop is not. */
export interface Proof {
  state: ProofState;
  /** What was seen, one sentence. */
  seen: string;
  /** The first hop that fails and what to do. Only when broken. */
  broken?: { hop: string; next: string };
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

/** Somebody is there: that is the proof. */
export function isAnswer(knock: Knock): knock is Extract<Knock, { kind: 'http' | 'open' }> {
  return knock.kind === 'http' || knock.kind === 'open';
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
