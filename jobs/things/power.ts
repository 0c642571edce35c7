/** Starts and stops an instance. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ThingOf } from '../../src/core/thing.ts';
import { Fault } from '../../src/errors.ts';
import type { LxdClient } from '../../src/lxd/client.ts';
import { addressOfState } from '../observe/address-of-state.ts';
import { clientOf, type StepTools } from '../thing-tools.ts';
import { instanceLock } from './instance-lock.ts';

type Power = ThingOf<'power'>;

/** How long the DHCP of the instance's network may take, in milliseconds. */
const ADDRESS_MS = 90_000;

export async function putPower(thing: Power, tools: StepTools): Promise<void> {
  const client = await clientOf(thing.host, tools);
  await tools.records.locks.hold(instanceLock(thing), async (held) => {
    const signal = AbortSignal.any([tools.signal, held]);
    if (thing.wanted === 'stopped') return client.stopInstance(thing.instance, signal);
    await client.startInstance(thing.instance, signal);
  });
  if (thing.withAddress === true) await waitForAddress(thing, client, tools);
}

/** It stays as it is: whoever wants it otherwise says so. */
export async function removePower(): Promise<void> {}

/** @throws Fault lxd_failed where it gets none, or stops again by itself */
async function waitForAddress(
  { instance, host }: Power,
  client: LxdClient,
  { say, signal }: StepTools,
): Promise<void> {
  const begun = performance.now();
  for (;;) {
    const state = await client.getInstanceState(instance, signal);
    const address = addressOfState(state);
    if (address !== undefined) return say(`${instance} has ${address}`);
    const waited = performance.now() - begun;
    if (state.status === 'Stopped' && waited > 2_000)
      throw new Fault(
        'lxd_failed',
        `${instance} stopped again by itself; \`logs ${host}/${instance}\` says more`,
      );
    if (waited > ADDRESS_MS) {
      const message = `${instance} got no IPv4 address within ${ADDRESS_MS / 1_000} s: does its profile give it a network, and does it ask for DHCP?`;
      throw new Fault('lxd_failed', message);
    }
    await say(`${instance} waits for its address`);
    await sleep(Math.min(1_000, 100 + waited / 10), undefined, { signal });
  }
}
