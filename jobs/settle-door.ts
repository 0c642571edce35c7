/** After the steps: proves the door from outside and keeps it in, or takes it from, the register. */
import type { DoorPlan, DoorSpec } from '../src/core/plan.ts';
import { closedProofOf, type Evidence, type Knock, type Proof, proofOf } from '../src/core/proof.ts';
import type { Door, Outcome, RequestRecord } from '../src/core/record.ts';
import { admits } from '../src/core/sources.ts';
import { speaks } from '../src/core/speaks.ts';
import { standingDoors } from '../src/core/standing-doors.ts';
import { isFault } from '../src/errors.ts';
import { knock, ownAddressTowards } from '../src/outside/knock.ts';
import { floatingAddressOf, leasedAddressOf } from './door-address.ts';
import { lookAtClouds } from './observe-cloud.ts';
import { observeHost } from './observe-host.ts';
import { observeListeners } from './observe-instance.ts';
import type { Tools } from './tools.ts';

/** A door whose public address is known. */
type PlacedDoor = DoorSpec & { publicAddress: string };

/** How it ended, after the register was brought up to date and the audit told. */
export async function settleDoor(
  record: RequestRecord,
  plan: DoorPlan,
  tools: Tools,
  signal: AbortSignal,
): Promise<Outcome> {
  const { records } = tools;
  const door = await placed(plan.door, tools, signal);
  const proof = plan.action === 'open' ? await proveOpen(door, tools, signal) : await proveClosed(door);
  if (plan.action === 'close') await records.doors.remove(door.id);
  else await records.doors.put(doorOf(record, door, proof));
  const hop = proof.broken === undefined ? '' : ` (${proof.broken.hop})`;
  await records.audit.add({
    kind: 'proof',
    request: record.asked.id,
    what: `${proof.state}: ${proof.seen}${hop}`,
  });
  const address = plan.action === 'open' ? { address: door.publicAddress } : {};
  return { kind: proof.state === 'broken' ? 'unproven' : 'done', proof, ...address };
}

/** The door with its address: a floating IP that was taken on the way, or the lease that the LAN gave. */
async function placed(door: DoorSpec, tools: Tools, signal: AbortSignal): Promise<PlacedDoor> {
  const { publicAddress } = door;
  if (publicAddress !== undefined) return { ...door, publicAddress };
  const found =
    door.road === 'lan'
      ? await leasedAddressOf(door, tools, signal)
      : await floatingAddressOf(door, tools, signal);
  return { ...door, publicAddress: found ?? '0.0.0.0' };
}

/** Knocks; where nobody answers, looks at every hop. */
async function proveOpen(door: PlacedDoor, tools: Tools, signal: AbortSignal): Promise<Proof> {
  const from = await ownAddressTowards(door.publicAddress);
  const admitted = from === undefined || admits(door.sources, from);
  // A cloud takes some seconds to carry out what it has accepted.
  const pauses =
    door.road === 'lan' || (await isInCloud(door, tools)) ? CLOUD_PAUSES : [50, 300, 1_000, 2_000];
  const seen = await knockPatiently(door, admitted ? pauses : [50]);
  if (seen.kind === 'http' || seen.kind === 'open')
    return proofOf(door, { knock: seen, ruleStands: true, addressKept: true });
  return proofOf(door, {
    ...(await inspect(door, tools, signal)),
    knock: seen,
    ...(from !== undefined && { from }),
  });
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
    if (seen.kind === 'http' || seen.kind === 'open') return seen;
    await new Promise((resolve) => setTimeout(resolve, pause));
    seen = await knock(at);
  }
  return seen;
}

async function inspect(
  door: DoorSpec,
  tools: Tools,
  signal: AbortSignal,
): Promise<Omit<Evidence, 'knock' | 'from'>> {
  if (door.road === 'server') return { ruleStands: true, addressKept: true };
  const host = (await tools.hosts.list()).find(({ name }) => name === door.host);
  if (host === undefined) return { ruleStands: false, addressKept: false };
  try {
    const [world, listeners] = await Promise.all([
      observeHost(host, signal, lookAtClouds(tools, signal)),
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

async function proveClosed(door: PlacedDoor): Promise<Proof> {
  const { publicAddress: address, publicPort: port, protocol } = door;
  const seen: Knock =
    protocol === 'udp' ? { kind: 'silent' } : await knock({ address, port, timeoutMs: 1_000 });
  return closedProofOf(door, seen);
}

function doorOf({ asked, decision }: RequestRecord, door: PlacedDoor, proof: Proof): Door {
  return {
    ...door,
    owner: asked.requester,
    ...(decision?.by !== undefined && { approver: decision.by }),
    ...(asked.command.reason !== undefined && { reason: asked.command.reason }),
    request: asked.id,
    channel: asked.channel,
    openedAt: Date.now(),
    proof,
  };
}
