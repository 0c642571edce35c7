/** Keeps which instances there are on which host, for the pickers of the bot, which has no key to them. */
import { surveyHosts } from '../observe/find-instance.ts';
import type { Host, Tools } from '../tools.ts';

/** A host that takes longer counts as one that does not answer. */
const ANSWER_MS = 5_000;

export type InventoryTools = Pick<Tools, 'hosts' | 'records'>;

/** Part of the sweep, once a minute; one worker does it. */
export async function watchInventory(tools: InventoryTools, signal: AbortSignal): Promise<void> {
  if (await tools.records.minutes.first('watch-inventory')) await takeInventory(tools, signal);
}

/**
 * Lists every host side by side, and keeps each answer as it comes.
 * @param freshMs what was seen so lately is not looked at again
 */
export async function takeInventory(
  { hosts, records }: InventoryTools,
  signal: AbortSignal,
  freshMs = 0,
): Promise<void> {
  const { inventory } = records;
  const [all, before] = await Promise.all([hosts.list(), inventory.list()]);
  const isFresh = ({ name }: Host) =>
    before.some(({ host, seenAt, silent }) => host === name && !silent && Date.now() - seenAt < freshMs);
  const look = async (host: Host): Promise<void> => {
    const patience = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]);
    const { answered } = await surveyHosts([host], patience);
    // A worker that stops cuts its looks short; that says nothing about the hosts.
    if (signal.aborted) return;
    const instances = answered[0]?.instances.map(({ name, status }) => ({ name, status }));
    await (instances === undefined ? inventory.putSilent(host.name) : inventory.put(host.name, instances));
  };
  const gone = before.filter(({ host }) => !all.some(({ name }) => name === host));
  await Promise.all([
    ...all.filter((host) => !isFresh(host)).map(look),
    ...gone.map(({ host }) => inventory.remove(host)),
  ]);
}
