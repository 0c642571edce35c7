/** A client of a fake cloud that does not wait long, ended after the test. */
import { afterEach } from 'vitest';
import { type CloudAccess, type CloudClient, createCloudClient } from '../../src/openstack/client.ts';
import { type FakeCloud, type FakeCloudOptions, startFakeCloud } from './fake-cloud/fake-cloud.ts';
import type { Heard } from './fake-cloud/wire.ts';

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

export const TIMEOUT_MS = 400;

export interface FaultSide {
  client: CloudClient;
  cloud: FakeCloud;
  /** How often a service was asked for this, like `GET /ports`. */
  count(what: string): number;
}

/** Calls time out after 400 ms; three tries with next to no pause, and none above a second. */
export async function faultSide(
  options: FakeCloudOptions = {},
  access: (own: CloudAccess) => CloudAccess = (own) => own,
): Promise<FaultSide> {
  const cloud = await startFakeCloud(options);
  ends.push(cloud.stop);
  const client = clientTo(access(cloud.access));
  const count = (what: string) =>
    cloud.calls().filter(({ method, path }) => `${method} ${path}` === what).length;
  return { client, cloud, count };
}

export function clientTo(access: CloudAccess, timeoutMs = TIMEOUT_MS): CloudClient {
  const retry = { tries: 3, pauseMs: 5, longestPauseMs: 1000 };
  return createCloudClient({ name: 'public', access, timeoutMs, retry });
}

export const LOGIN = 'POST /auth/tokens';

export function to(what: string): (heard: Heard) => boolean {
  return ({ method, path }) => `${method} ${path}` === what;
}
