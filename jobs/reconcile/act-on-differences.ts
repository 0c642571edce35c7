/**
 * Does about differences what may be done without asking: asks for it by requests of Drawbridge's own, which look again before they change
 * anything. What closes doors counts: more than the configuration allows waits for somebody's approval, all of it.
 */
import { createHash } from 'node:crypto';
import { canonicalCommand } from '../../src/core/commands/canonical-command.ts';
import { differenceInWords, keyOfDifference } from '../../src/core/differences/difference.ts';
import { asksAgainAt } from '../../src/core/door-end.ts';
import type { DoorSpec } from '../../src/core/plan.ts';
import type { Asked, RepairCommand, UnexposeCommand } from '../../src/core/request.ts';
import { privateSideOf, publicSideOf } from '../../src/core/step-words.ts';
import type { Noted } from '../../src/records/differences.ts';
import { placeOfDoor } from '../place-of-door.ts';
import { takeInRequest } from '../take-in-request.ts';
import type { Tools } from '../tools.ts';

type ActTools = Pick<Tools, 'records' | 'queues' | 'reconcile' | 'log'>;

/** A difference that holds. */
export interface Candidate {
  noted: Noted;
  /** Something of the door stands. */
  stands: boolean;
}

/**
 * @param whole everything was looked at, not one host only
 * @param now milliseconds since 1970
 */
export async function actOnDifferences(
  all: readonly Candidate[],
  whole: boolean,
  tools: ActTools,
  now: number,
): Promise<void> {
  const due: Candidate[] = [];
  for (const candidate of all) if (await isDue(candidate, tools, now)) due.push(candidate);
  for (const { noted } of due.filter(({ noted: { doing } }) => doing === 'repair'))
    await ask(noted, tools, now);
  const removals = due.filter(({ noted: { doing } }) => doing === 'close');
  if (removals.length > 0 && (await mayRemove(removals, whole, tools)))
    for (const each of removals)
      await (each.stands ? ask(each.noted, tools, now) : forget(each.noted, tools));
  else if (removals.length > 0 && (whole || (await tools.records.removals.waiting()) === undefined))
    await askForApproval(removals, tools);
  else if (whole && !all.some(({ noted: { doing } }) => doing === 'close')) await withdraw(tools);
}

/** None is under way, and the last one is long enough ago. */
async function isDue({ noted }: Candidate, { records }: ActTools, now: number): Promise<boolean> {
  const { doing, tries = 0, door } = noted;
  if (doing === undefined) return false;
  if (tries === 0) return true;
  const last = await records.requests.get(requestId(noted, tries));
  if (last !== undefined && last.state !== 'ended') return false;
  return now >= asksAgainAt(tries, last?.endedAt ?? 0, await records.hosts.get(door.host));
}

/** As many as the configuration allows within one interval, or what somebody approved. */
async function mayRemove(
  removals: readonly Candidate[],
  whole: boolean,
  { records, reconcile }: ActTools,
): Promise<boolean> {
  const batch = await records.removals.waiting();
  const inBatch = new Set(batch?.doors.map(({ place, key }) => `${place} ${key}`));
  const isIn = ({ noted }: Candidate) => inBatch.has(`${noted.place} ${keyOfDifference(noted)}`);
  if (batch?.approvedBy !== undefined && removals.every(isIn)) return true;
  // A look at one host does not do in small parts what is too much as a whole.
  if (!whole && removals.some(isIn)) return false;
  const { mostDeletions, everySeconds } = reconcile;
  return records.removals.take(removals.length, mostDeletions, everySeconds * 900);
}

async function askForApproval(removals: readonly Candidate[], { records, log }: ActTools): Promise<void> {
  const doors = removals.map(({ noted }) => ({
    place: noted.place,
    key: keyOfDifference(noted),
    line: `${sideOf(noted.door)} → ${privateSideOf(noted.door)}: ${differenceInWords(noted.name).toLowerCase()}`,
  }));
  doors.sort((a, b) => `${a.place} ${a.key}`.localeCompare(`${b.place} ${b.key}`));
  const id = createHash('sha256').update(JSON.stringify(doors)).digest('hex').slice(0, 16);
  const before = await records.removals.waiting();
  if (before?.id === id) return;
  const channel = before?.channel ?? removals.find(({ noted }) => noted.channel !== undefined)?.noted.channel;
  await records.removals.setWaiting({ id, doors, ...(channel !== undefined && { channel }) });
  log.warn({ doors: doors.length }, 'more doors would be closed than may be without an approval');
  if (channel !== undefined) await records.outbox.add(channel, { kind: 'removals' });
}

/** Nothing of it is to be closed any more. */
async function withdraw({ records }: ActTools): Promise<void> {
  const batch = await records.removals.waiting();
  if (batch === undefined) return;
  await records.removals.setWaiting(undefined);
  if (batch.channel !== undefined) await records.outbox.add(batch.channel, { kind: 'removals' });
}

async function ask(noted: Noted, tools: ActTools, now: number): Promise<void> {
  const { records } = tools;
  const { door: spec, name, doing, tries = 0 } = noted;
  const door = await records.doors.get(spec.id);
  const opening = await records.requests.get(door?.request ?? spec.id.replace(/^door-/, 'req-'));
  const requester = door?.owner ?? opening?.asked.requester;
  if (requester === undefined) return;
  const where = door === undefined ? undefined : await placeOfDoor(door, tools);
  const channel = where?.channel ?? noted.channel ?? requester;
  const command = commandFor(spec, doing === 'repair' ? 'repair' : 'unexpose');
  const text = canonicalCommand(command);
  const asked: Asked = {
    id: requestId(noted, tries + 1),
    command,
    requester,
    channel,
    ...(where?.thread !== undefined && { thread: where.thread }),
    text,
    at: now,
    byItself: 'difference',
    difference: name,
    ...(door?.approvers !== undefined && { concerns: door.approvers }),
  };
  await takeInRequest(asked, `${text}: ${differenceInWords(name).toLowerCase()}: ${noted.detail}`, tools);
  await records.differences.put({ ...noted, tries: tries + 1 });
}

/** `req-5f0c…d1`: the same for everybody who finds the same difference. */
function requestId({ since, ...noted }: Noted, count: number): string {
  const what = `${noted.place} ${keyOfDifference(noted)} ${since}`;
  return `req-${createHash('sha256').update(what).digest('hex').slice(0, 8)}d${count}`;
}

function commandFor(
  { id, host, instance, road, ...door }: DoorSpec,
  action: 'repair' | 'unexpose',
): RepairCommand | UnexposeCommand {
  const { port, protocol, publicAddress, publicPort } = door;
  const target = { host, instance, ...(road === 'server' && { server: true as const }) };
  const side = { publicPort, ...(publicAddress !== undefined && { publicAddress }) };
  return { action, target, port, protocol, ...side, door: id };
}

/** Nothing of it stands: only the register still has it. */
async function forget({ door, detail }: Noted, { records, queues, log }: ActTools): Promise<void> {
  const known = await records.doors.get(door.id);
  if (known === undefined) return;
  await records.doors.remove(door.id);
  const what = `${sideOf(door)}: ${detail}, and nothing of the door stands, so it left the register`;
  await records.audit.add({ kind: 'door_gone', request: known.request, what });
  await records.homes.changed();
  log.info({ door: door.id }, 'a door was gone with its instance');
  await queues.reconcile({ host: door.host });
}

function sideOf(door: DoorSpec): string {
  return door.publicAddress === undefined ? door.id : publicSideOf(door);
}
