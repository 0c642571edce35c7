/** What Drawbridge does about a difference of its own accord. Pure. */

import type { DoorSpec } from '../plan.ts';
import type { RequestRecord } from '../record.ts';
import type { Difference } from './difference.ts';

export interface ReconcileSettings {
  /** How long after one pass the next begins, in seconds. */
  everySeconds: number;
  /** Doors follow an instance whose address changed, as far as the policy allows. */
  follow: boolean;
  /** More closings than this within one interval wait for somebody's approval. */
  mostDeletions: number;
  /** For how long the address of a deleted instance leads to no other, in seconds. */
  quarantineSeconds: number;
  /** Where differences of unknown doors are told; absent: where the audit is mirrored, else nowhere. */
  channel?: string;
}

export const RECONCILE: ReconcileSettings = {
  everySeconds: 300,
  follow: false,
  mostDeletions: 3,
  quarantineSeconds: 86_400,
};

/**
 * close: it leads nowhere, or should not stand. repair: as it was approved. undefined: somebody has to say.
 * @param opening the request that opened the door, as far as Redis knows it
 */
export function ownAccord(
  { name, unsure }: Difference,
  opening: Pick<RequestRecord, 'state'> | undefined,
  { follow }: Pick<ReconcileSettings, 'follow'>,
): 'close' | 'repair' | undefined {
  if (name === 'instance_deleted') return unsure ? undefined : 'close';
  // What nobody knows anything of may be a door whose entry was lost with Redis: people decide on that.
  if (name === 'orphan') return opening?.state === 'ended' ? 'close' : undefined;
  if (name === 'guard_lost') return 'repair';
  return name === 'readdressed' && follow ? 'repair' : undefined;
}

/** The same door behind the same public side for the same people: what was approved, whatever address is behind it. */
export function isSameDoor(one: DoorSpec, other: DoorSpec): boolean {
  const of = ({ id, host, instance, port, protocol, publicAddress, publicPort, road, sources }: DoorSpec) =>
    JSON.stringify([
      id,
      host,
      instance,
      port,
      protocol,
      publicAddress,
      publicPort,
      road,
      [...sources].sort(),
    ]);
  return of(one) === of(other);
}
