/** Puts and removes a pin: the instance's NIC keeps its address for as long as a door needs it. */
import { PIN_KEY, parsePin, pinText } from '../../src/core/tags/pin.ts';
import { Fault, isFault } from '../../src/errors.ts';
import type { LxdInstance } from '../../src/lxd/client.ts';
import type { ThingTools } from '../thing-tools.ts';

interface Pin {
  kind: 'pin';
  host: string;
  instance: string;
  nic: string;
  address: string;
}

type Change = Pick<LxdInstance, 'config' | 'devices'>;

/** Sets `ipv4.address` on the NIC; one that a profile gives is copied to the instance first. */
export async function putPin(thing: Pin, { client, locks, door, signal }: ThingTools): Promise<void> {
  await locks.hold(lockOf(thing), () =>
    client.updateInstance(thing.instance, (current) => pinned(current, thing, door.id), signal),
  );
}

/** Takes the door off the pin, and the pin off with the last door. An instance that is gone took it along. */
export async function removePin(thing: Pin, { client, locks, door, signal }: ThingTools): Promise<void> {
  await locks.hold(lockOf(thing), () =>
    client
      .updateInstance(thing.instance, (current) => unpinned(current, thing, door.id), signal)
      .catch((error) => {
        if (!isFault(error, 'lxd_not_found')) throw error;
      }),
  );
}

function pinned(current: LxdInstance, thing: Pin, door: string): Change | undefined {
  const nic = current.expanded_devices[thing.nic];
  if (nic === undefined)
    throw new Fault('foreign_object', `pinning ${thing.instance}: its NIC ${thing.nic} is gone`);
  const address = nic['ipv4.address'];
  const pin = parsePin(current.config[PIN_KEY]);
  if (address !== undefined && (address !== thing.address || pin === undefined)) {
    throw new Fault(
      'foreign_object',
      `pinning ${thing.instance} to ${thing.address}: somebody set ${address}`,
    );
  }
  if (address !== undefined && pin?.doors.includes(door) === true) return undefined;
  const inherited = pin?.inherited ?? current.devices[thing.nic] === undefined;
  const text = pinText({ nic: thing.nic, inherited, doors: [...(pin?.doors ?? []), door] });
  return {
    config: { ...current.config, [PIN_KEY]: text },
    devices: { ...current.devices, [thing.nic]: { ...nic, 'ipv4.address': thing.address } },
  };
}

function unpinned(current: LxdInstance, thing: Pin, door: string): Change | undefined {
  const pin = parsePin(current.config[PIN_KEY]);
  if (pin?.nic !== thing.nic || !pin.doors.includes(door)) return undefined;
  const { [PIN_KEY]: _mark, ...config } = current.config;
  const doors = pin.doors.filter((each) => each !== door);
  if (doors.length > 0)
    return { config: { ...config, [PIN_KEY]: pinText({ ...pin, doors }) }, devices: current.devices };
  const { [thing.nic]: nic, ...others } = current.devices;
  if (pin.inherited || nic === undefined) return { config, devices: others };
  const { 'ipv4.address': _address, ...free } = nic;
  return { config, devices: { ...others, [thing.nic]: free } };
}

function lockOf({ host, instance }: Pin): string {
  return `instance:${host}/${instance}`;
}
