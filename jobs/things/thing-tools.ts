/** What putting and removing a thing needs. */
import type { DoorSpec } from '../../src/core/plan.ts';
import type { LxdClient } from '../../src/lxd/client.ts';
import type { Locks } from '../../src/records/locks.ts';

export interface ThingTools {
  client: LxdClient;
  locks: Locks;
  /** The door that the thing belongs to; its tag goes on whatever is made. */
  door: DoorSpec;
  signal: AbortSignal;
}
