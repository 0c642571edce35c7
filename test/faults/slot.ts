/** One public port, on which one thing happens at a time: what somebody asks for there, and what has to come of it. */
import { until } from '../stage/until.ts';
import type { Random } from '../support/random.ts';
import type { Arena } from './arena.ts';

export interface Slot {
  publicPort: number;
  instance: string;
  road: 'forward' | 'proxy' | 'userspace';
  from: string | undefined;
  approval: boolean;
}

/** A door as it ought to stand. */
export interface Expected {
  instance: string;
  road: string;
  ends: boolean;
}

/** What was asked, and how it ought to end. */
interface Deed {
  text: string;
  outcome: object;
  /** What somebody says to it, where it needs an approval. */
  answer?: 'approve' | 'deny' | 'cancel';
  after: Expected | undefined;
}

const INSTANCES = ['blog', 'shop'] as const;
const ROADS = ['forward', 'proxy', 'userspace'] as const;

/** `shop` lets in a network only, on the roads that can tell: LXD filters for a port as a whole. Every third slot needs approval. */
export function makeSlots(count: number, needsApproval: number): Slot[] {
  return Array.from({ length: count }, (_, index) => {
    const instance = INSTANCES[index % 2] ?? 'blog';
    const road = ROADS[index % (instance === 'shop' ? 2 : 3)] ?? 'forward';
    const approval = index % 3 === 2;
    const publicPort = (approval ? needsApproval : 19_000) + index;
    return { publicPort, instance, road, approval, from: instance === 'shop' ? '127.0.0.0/8' : undefined };
  });
}

/** Does one thing and waits for its end; the model follows. @returns what was asked, and the request's id */
export async function act(slot: Slot, random: Random, arena: Arena): Promise<{ id: string; text: string }> {
  const { back, model } = arena;
  const now = model.get(slot.publicPort);
  const { text, outcome, answer, after } =
    now === undefined ? opening(slot, random) : changing(slot, random, now);
  const id = await back.ask(text);
  if (answer === 'approve') await back.approve(id);
  else if (answer !== undefined) await turnDown(id, answer, arena);
  const record = await back.ended(id, 120_000);
  const matches = Object.entries(outcome).every(
    ([key, value]) => Reflect.get(record.outcome ?? {}, key) === value,
  );
  if (!matches)
    throw new Error(
      `${id}: ${text} ended with ${JSON.stringify(record.outcome)}, not ${JSON.stringify(outcome)}`,
    );
  if (after === undefined) model.delete(slot.publicPort);
  else model.set(slot.publicPort, after);
  return { id, text };
}

function opening(slot: Slot, random: Random): Deed {
  const { instance, publicPort, road, from, approval } = slot;
  if (random.below(10) === 0)
    return {
      text: `expose nobody 80 as ${publicPort}`,
      outcome: { kind: 'refused', reason: 'not_found' },
      after: undefined,
    };
  const ends = random.below(2) === 0;
  const text = `expose ${instance} 80 as ${publicPort}${from ? ` from ${from}` : ''} via ${road}${ends ? ' for 2h' : ''}`;
  const after = { instance, road, ends };
  if (!approval) return { text, outcome: { kind: 'done' }, after };
  const answer = random.pick(['approve', 'approve', 'approve', 'deny', 'cancel'] as const);
  if (answer === 'approve') return { text, answer, outcome: { kind: 'done' }, after };
  return { text, answer, outcome: { kind: answer === 'deny' ? 'denied' : 'cancelled' }, after: undefined };
}

function changing({ instance, publicPort, road, from, approval }: Slot, random: Random, now: Expected): Deed {
  const what = random.below(10);
  if (what < 6)
    return { text: `unexpose ${instance} 80 as ${publicPort}`, outcome: { kind: 'done' }, after: undefined };
  if (what < 8)
    return {
      text: `expose ${instance} 80 as ${publicPort}${from ? ` from ${from}` : ''} via ${road}`,
      outcome: { kind: 'refused', reason: 'already_open' },
      after: now,
    };
  const text = `extend ${instance} 80 as ${publicPort} by 1h`;
  if (!now.ends) return { text, outcome: { kind: 'refused', reason: 'nothing_to_do' }, after: now };
  // Keeping a door open needs what opening it needs.
  return { text, outcome: { kind: 'done' }, after: now, ...(approval && { answer: 'approve' as const }) };
}

/** As the buttons do; the request may end by itself meanwhile. */
async function turnDown(id: string, how: 'deny' | 'cancel', { back }: Arena): Promise<void> {
  const { plan } = await until(
    async () => {
      const record = await back.records.requests.get(id);
      return record?.state === 'waiting' ? record : undefined;
    },
    `${id} to wait`,
    120_000,
    3,
  );
  const fingerprint = plan?.fingerprint ?? '';
  const verdict = how === 'deny' ? 'denied' : 'cancelled';
  await back.records.decisions.decide(id, fingerprint, { verdict, by: 'U0BOB', at: Date.now() });
  await back.queues.release({ request: id, fingerprint });
}
