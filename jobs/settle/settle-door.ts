/** After the steps: proves the door from outside and keeps it in, or takes it from, the register. */
import type { DoorWay, KnownDoor } from '../../src/core/hops/door-way.ts';
import { answeredProof, openedProof } from '../../src/core/hops/opened-proof.ts';
import type { DoorPlan, DoorSpec } from '../../src/core/plan.ts';
import { closedProofOf, isAnswer, type Knock, type Proof } from '../../src/core/proof.ts';
import type { Door, Outcome, RequestRecord } from '../../src/core/record.ts';
import { admits } from '../../src/core/sources.ts';
import { speaks } from '../../src/core/speaks.ts';
import { knock, ownAddressTowards } from '../../src/outside/knock.ts';
import { lookAtRoad } from '../observe/look-at-spots.ts';
import type { Tools } from '../tools.ts';
import { floatingAddressOf, leasedAddressOf } from './door-address.ts';

/** A door whose public address is known. */
export type PlacedDoor = DoorSpec & { publicAddress: string };

/** How it ended, after the register was brought up to date and the audit told. */
export async function settleDoor(
  record: RequestRecord,
  plan: DoorPlan,
  tools: Tools,
  signal: AbortSignal,
): Promise<Outcome> {
  const { records } = tools;
  const door = await placed(plan.door, tools, signal);
  const proof =
    plan.action === 'open'
      ? await settleOpened(record, plan, door, tools, signal)
      : await proveClosed(door, plan);
  if (plan.action === 'close') await records.doors.remove(door.id);
  const hop = proof.broken === undefined ? '' : ` (${proof.broken.hop})`;
  await records.audit.add({
    kind: 'proof',
    request: record.asked.id,
    what: `${proof.state}: ${proof.seen}${hop}`,
  });
  const address = plan.action === 'open' ? { address: door.publicAddress } : {};
  return { kind: proof.state === 'broken' ? 'unproven' : 'done', proof, ...address };
}

async function settleOpened(
  record: RequestRecord,
  plan: DoorPlan,
  door: PlacedDoor,
  tools: Tools,
  signal: AbortSignal,
): Promise<Proof> {
  const { doors } = tools.records;
  const before = await doors.get(door.id);
  const opened = openedDoor(record, plan, door, before);
  const isRepair = record.asked.command.action === 'repair';
  const known = isRepair && before !== undefined ? repaired(opened, before) : opened;
  const proof = await proveOpen(door, known, tools, signal);
  await doors.put({ ...known, proof });
  return proof;
}

/** What was put again is the same door: whose it is, who approved it and why, when it ends. */
function repaired({ host, publicAddress, things }: KnownDoor, before: Door): KnownDoor {
  return { ...before, host, publicAddress, ...(things !== undefined && { things }) };
}

/** The door with its address: a floating IP that was taken on the way, or the lease that the LAN gave. */
export async function placed(door: DoorSpec, tools: Tools, signal: AbortSignal): Promise<PlacedDoor> {
  const { publicAddress } = door;
  if (publicAddress !== undefined) return { ...door, publicAddress };
  const found =
    door.road === 'lan'
      ? await leasedAddressOf(door, tools, signal)
      : await floatingAddressOf(door, tools, signal);
  return { ...door, publicAddress: found ?? '0.0.0.0' };
}

/** Knocks; where nobody answers, looks at every hop. @param known the door as it will stand in the register */
export async function proveOpen(
  door: PlacedDoor,
  known: KnownDoor,
  tools: Tools,
  signal: AbortSignal,
): Promise<Proof> {
  const from = await ownAddressTowards(door.publicAddress);
  const admitted = from === undefined || admits(door.sources, from);
  // A cloud takes some seconds to carry out what it has accepted.
  const pauses =
    door.road === 'lan' || (await isInCloud(door, tools)) ? CLOUD_PAUSES : [50, 300, 1_000, 2_000];
  const seen = await knockPatiently(door, admitted ? pauses : [50]);
  const answered = answeredProof(seen);
  if (answered !== undefined) return answered;
  const way: DoorWay = { door, made: 'ours', things: known.things ?? [], stands: true, known };
  const road = await lookAtRoad(door, tools, signal);
  return openedProof(way, { ...road, now: Date.now() }, { seen, ...(from !== undefined && { from }) });
}

const CLOUD_PAUSES = [300, 700, ...Array<number>(12).fill(1_500)];

async function isInCloud({ host, road }: DoorSpec, { hosts }: Tools): Promise<boolean> {
  return (
    road === 'server' ||
    (await hosts.list()).some(({ name, server }) => name === host && server !== undefined)
  );
}

/** udp has nothing to knock on; a connection to its port would say nothing. */
async function knockPatiently(door: PlacedDoor, pauses: number[]): Promise<Knock> {
  if (door.protocol === 'udp') return { kind: 'silent' };
  const speak = speaks(door.port);
  const at = {
    address: door.publicAddress,
    port: door.publicPort,
    timeoutMs: 2_500,
    ...(speak && { speak }),
  };
  let seen = await knock(at);
  for (const pause of pauses) {
    if (isAnswer(seen)) return seen;
    await new Promise((resolve) => setTimeout(resolve, pause));
    seen = await knock(at);
  }
  return seen;
}

/** What answers where nothing of ours stood any more is somebody else's. */
async function proveClosed(door: PlacedDoor, { steps }: DoorPlan): Promise<Proof> {
  if (steps.length === 0) return { state: 'proven', seen: 'nothing of it stood any more' };
  const { publicAddress: address, publicPort: port, protocol } = door;
  const seen: Knock =
    protocol === 'udp' ? { kind: 'silent' } : await knock({ address, port, timeoutMs: 1_000 });
  return closedProofOf(door, seen);
}

/**
 * The door as the register will keep it.
 * @param before the same door where it was put already: its end does not move because somebody looks again
 */
export function openedDoor(
  { asked, decision }: Pick<RequestRecord, 'asked' | 'decision'>,
  { forSeconds, until, steps }: Pick<DoorPlan, 'forSeconds' | 'until' | 'steps'>,
  door: PlacedDoor,
  before?: Door,
): Omit<Door, 'proof'> {
  const openedAt = before?.openedAt ?? Date.now();
  const endsAt = before?.endsAt ?? until ?? (forSeconds && openedAt + forSeconds * 1_000);
  return {
    ...door,
    owner: asked.requester,
    ...(decision?.approvals !== undefined && { approvers: decision.approvals.map(({ by }) => by) }),
    ...(asked.command.reason !== undefined && { reason: asked.command.reason }),
    request: asked.id,
    channel: asked.channel,
    openedAt,
    ...(forSeconds !== undefined && { forSeconds }),
    ...(endsAt !== undefined && { endsAt }),
    things: steps
      .filter((step) => step.do === 'put' && (step.door ?? door).id === door.id)
      .map(({ thing }) => thing),
  };
}
