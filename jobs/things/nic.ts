/**
 * Gives an instance a card on the cloud's or the LAN's own network in place of one of its devices, and gives back what was there. LXD
 * makes routed cards only at a start, and clients inside ask for an address then, so a running instance is stopped and started.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { CARD_KEY, type Card, cardText, parseCard } from '../../src/core/tags/card.ts';
import type { ThingOf } from '../../src/core/thing.ts';
import { Fault, isFault } from '../../src/errors.ts';
import type { LxdClient, LxdDevice, LxdInstance } from '../../src/lxd/client.ts';
import { instanceWorldOf } from '../observe/observe-instance.ts';
import { onHost, type StepTools } from '../thing-tools.ts';
import { cardDeviceOf } from './card-device.ts';

type Nic = ThingOf<'nic'>;

/** Set while the instance is stopped only to change its card, so that whoever takes the work up starts it again. */
const RESTART_KEY = 'user.drawbridge.restart';
/** How long the DHCP there may take, in milliseconds. */
const LEASE_MS = 90_000;

export async function putNic(thing: Nic, tools: StepTools): Promise<void> {
  const { client, locks, door } = await onHost(thing.host, tools);
  await locks.hold(lockOf(thing), async (held) => {
    const signal = AbortSignal.any([tools.signal, held]);
    const { value } = await client.getInstance(thing.instance, signal);
    if (!hasDoor(parseCard(value.config[CARD_KEY]), thing.owner)) {
      const device = await cardDeviceOf(thing, tools, client, signal);
      await whileStopped(thing, client, signal, (current) => withCard(current, device, thing, door));
    } else await startAgain(thing, client, signal);
    await addressOf(thing, client, tools, signal);
  });
}

/** Puts back what was there. An instance that is gone took the card along. */
export async function removeNic(thing: Nic, tools: StepTools): Promise<void> {
  const { client, locks } = await onHost(thing.host, tools);
  await locks.hold(lockOf(thing), async (held) => {
    const signal = AbortSignal.any([tools.signal, held]);
    try {
      const { value } = await client.getInstance(thing.instance, signal);
      if (hasDoor(parseCard(value.config[CARD_KEY]), thing.owner))
        await whileStopped(thing, client, signal, withoutCard);
      else await startAgain(thing, client, signal);
    } catch (error) {
      if (!isFault(error, 'lxd_not_found')) throw error;
    }
  });
}

function hasDoor(card: Card | undefined, owner: string): boolean {
  return card?.doors.some(({ door }) => door === owner) === true;
}

type Change = Pick<LxdInstance, 'config' | 'devices'>;

/** Stops what runs, changes it, starts it again; taken up in the middle it goes on from there. */
async function whileStopped(
  thing: Nic,
  client: LxdClient,
  signal: AbortSignal,
  change: (current: LxdInstance) => Change,
): Promise<void> {
  const { value } = await client.getInstance(thing.instance, signal);
  if (value.status === 'Running') {
    await client.updateInstance(
      thing.instance,
      ({ config, devices }) => ({ config: { ...config, [RESTART_KEY]: thing.owner }, devices }),
      signal,
    );
    await client.stopInstance(thing.instance, signal);
  }
  await client.updateInstance(thing.instance, change, signal);
  await startAgain(thing, client, signal);
}

async function startAgain({ instance }: Nic, client: LxdClient, signal: AbortSignal): Promise<void> {
  const { value } = await client.getInstance(instance, signal);
  if (value.config[RESTART_KEY] === undefined) return;
  await client.startInstance(instance, signal);
  await client.updateInstance(
    instance,
    ({ config: { [RESTART_KEY]: _mark, ...config }, devices }) => ({ config, devices }),
    signal,
  );
}

function withCard(
  current: LxdInstance,
  device: LxdDevice,
  thing: Nic,
  { port, protocol, road }: { port: number; protocol: 'tcp' | 'udp'; road: Card['road'] },
): Change {
  const present = parseCard(current.config[CARD_KEY]);
  if (present !== undefined)
    throw new Fault(
      'foreign_object',
      `${thing.instance} has just got an address of its own for another door`,
    );
  const before = current.devices[thing.device];
  const card: Card = {
    device: thing.device,
    road,
    doors: [{ door: thing.owner, protocol, port }],
    ...(thing.cloud !== undefined && { cloud: thing.cloud }),
    ...(before !== undefined && { before }),
  };
  return {
    config: { ...current.config, [CARD_KEY]: cardText(card) },
    devices: { ...current.devices, [thing.device]: device },
  };
}

function withoutCard({ config: { [CARD_KEY]: mark, ...config }, devices }: LxdInstance): Change {
  const card = parseCard(mark);
  if (card === undefined) return { config, devices };
  const { [card.device]: _ours, ...others } = devices;
  return { config, devices: { ...others, ...(card.before !== undefined && { [card.device]: card.before }) } };
}

/** Waits until the card has its address. */
async function addressOf(
  { instance, device }: Nic,
  client: LxdClient,
  { say }: StepTools,
  signal: AbortSignal,
): Promise<void> {
  const begun = performance.now();
  for (;;) {
    const [{ value }, state] = await Promise.all([
      client.getInstance(instance, signal),
      client.getInstanceState(instance, signal),
    ]);
    const nic = instanceWorldOf({ ...value, state }, []).nics.find((each) => each.device === device);
    if (nic?.address !== undefined) return say(`${instance} has ${nic.address}`);
    if (performance.now() - begun > LEASE_MS) {
      const message = `${instance} got no address on ${device} within ${LEASE_MS / 1_000} s: is its ${device} set to DHCP?`;
      throw new Fault('lxd_failed', message);
    }
    await say(`${instance} waits for an address on ${device}`);
    await sleep(700, undefined, { signal });
  }
}

function lockOf({ host, instance }: Nic): string {
  return `instance:${host}/${instance}`;
}
