/** Says once that a host or cloud could not be compared for some time, and once that it can be again. */
import type { Tools } from '../tools.ts';

/** So many passes in a row are nothing to talk about: a host that is started anew is away for some of them. */
const PATIENT_PASSES = 3;

type UnseenTools = Pick<Tools, 'records' | 'reconcile'>;

/** Its doors stay as the register has them: what was not seen is not gone. */
export async function missPlace(
  place: string,
  why: string,
  { records, reconcile }: UnseenTools,
): Promise<void> {
  const count = await records.differences.missed(place);
  if (count !== PATIENT_PASSES || reconcile.channel === undefined) return;
  const text = `:eyes: ${place} could not be seen ${count} times in a row (${why}). Nothing is concluded from that: its doors stay as they are, and are compared again when it answers.`;
  await records.outbox.add(reconcile.channel, { kind: 'notice', channel: reconcile.channel, text });
}

export async function seePlace(place: string, { records, reconcile }: UnseenTools): Promise<void> {
  const count = await records.differences.seen(place);
  if (count < PATIENT_PASSES || reconcile.channel === undefined) return;
  const text = `:eyes: ${place} is seen again; its doors have been compared.`;
  await records.outbox.add(reconcile.channel, { kind: 'notice', channel: reconcile.channel, text });
}
