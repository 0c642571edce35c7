/** After the steps: proves the door from outside and keeps it in, or takes it from, the register. */
import type { DoorSpec, Plan } from '../src/core/plan.ts';
import { closedProofOf, type Evidence, type Knock, type Proof, proofOf } from '../src/core/proof.ts';
import type { RequestRecord } from '../src/core/record.ts';
import { admits } from '../src/core/sources.ts';
import { speaks } from '../src/core/speaks.ts';
import { standingDoors } from '../src/core/standing-doors.ts';
import { isFault } from '../src/errors.ts';
import { knock, ownAddressTowards } from '../src/outside/knock.ts';
import { observeHost } from './observe-host.ts';
import { observeListeners } from './observe-instance.ts';
import type { Tools } from './tools.ts';

/** The proof, after the register was brought up to date and the audit told. */
export async function settleDoor(
  record: RequestRecord,
  plan: Plan,
  tools: Tools,
  signal: AbortSignal,
): Promise<Proof> {
  const { records } = tools;
  const proof =
    plan.action === 'open' ? await proveOpen(plan.door, tools, signal) : await proveClosed(plan.door);
  if (plan.action === 'close') await records.doors.remove(plan.door.id);
  else await records.doors.put(doorOf(record, plan.door, proof));
  const hop = proof.broken === undefined ? '' : ` (${proof.broken.hop})`;
  await records.audit.add({
    kind: 'proof',
    request: record.asked.id,
    what: `${proof.state}: ${proof.seen}${hop}`,
  });
  return proof;
}

/** Knocks; where nobody answers, looks at every hop. */
async function proveOpen(door: DoorSpec, tools: Tools, signal: AbortSignal): Promise<Proof> {
  const from = await ownAddressTowards(door.publicAddress);
  const admitted = from === undefined || admits(door.sources, from);
  const seen = await knockPatiently(door, admitted ? [50, 300, 1_000, 2_000] : [50]);
  if (seen.kind === 'http' || seen.kind === 'open')
    return proofOf(door, { knock: seen, ruleStands: true, addressKept: true });
  return proofOf(door, {
    ...(await inspect(door, tools, signal)),
    knock: seen,
    ...(from !== undefined && { from }),
  });
}

/** udp has nothing to knock on; a connection to its port would say nothing. */
async function knockPatiently(door: DoorSpec, pauses: number[]): Promise<Knock> {
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
    if (seen.kind === 'http' || seen.kind === 'open') return seen;
    await new Promise((resolve) => setTimeout(resolve, pause));
    seen = await knock(at);
  }
  return seen;
}

async function inspect(
  door: DoorSpec,
  { hosts }: Tools,
  signal: AbortSignal,
): Promise<Omit<Evidence, 'knock' | 'from'>> {
  const host = hosts.find(({ name }) => name === door.host);
  if (host === undefined) return { ruleStands: false, addressKept: false };
  try {
    const [world, listeners] = await Promise.all([
      observeHost(host, signal),
      observeListeners(host, door.instance, signal),
    ]);
    const standing = standingDoors(world).find((each) => each.door.id === door.id);
    const nics = world.instances.find(({ name }) => name === door.instance)?.nics ?? [];
    const outer = standing?.things.at(-1);
    const leadsTo = outer?.kind === 'forward' ? outer.targetAddress : undefined;
    const addressKept = leadsTo === undefined || nics.some(({ address }) => address === leadsTo);
    return { ruleStands: standing !== undefined, addressKept, ...(listeners && { listeners }) };
  } catch (error) {
    // The host went silent after the steps: nothing is known of it, and the knock has spoken already.
    if (isFault(error)) return { ruleStands: true, addressKept: true };
    throw error;
  }
}

async function proveClosed(door: DoorSpec): Promise<Proof> {
  const { publicAddress: address, publicPort: port, protocol } = door;
  const seen: Knock =
    protocol === 'udp' ? { kind: 'silent' } : await knock({ address, port, timeoutMs: 1_000 });
  return closedProofOf(door, seen);
}

function doorOf({ asked, decision }: RequestRecord, door: DoorSpec, proof: Proof) {
  return {
    ...door,
    owner: asked.requester,
    ...(decision?.by !== undefined && { approver: decision.by }),
    ...(asked.command.reason !== undefined && { reason: asked.command.reason }),
    request: asked.id,
    openedAt: Date.now(),
    proof,
  };
}
