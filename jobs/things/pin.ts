/** Puts and removes a pin: the instance's NIC keeps its address. */
import { PIN_KEY, parsePin, pinText } from '../../src/core/pin.ts';
import { Fault, isFault } from '../../src/errors.ts';
import type { LxdInstance } from '../../src/lxd/client.ts';
import { doorsInto } from './doors-into.ts';
import type { ThingTools } from './thing-tools.ts';

type Pin = { kind: 'pin'; host: string; instance: string; nic: string; address: string };

/** Sets `ipv4.address` on the NIC; one that a profile gives is copied to the instance first. */
export async function putPin(thing: Pin, { client, locks, signal }: ThingTools): Promise<void> {
  await locks.hold(lockOf(thing), () =>
    client.updateInstance(
      thing.instance,
      (current) => {
        const nic = current.expanded_devices[thing.nic];
        if (nic === undefined)
          throw new Fault('foreign_object', `pinning ${thing.instance}: its NIC ${thing.nic} is gone`);
        const pinned = nic['ipv4.address'];
        if (pinned === thing.address) return undefined;
        if (pinned !== undefined) {
          throw new Fault(
            'foreign_object',
            `pinning ${thing.instance} to ${thing.address}: somebody set ${pinned}`,
          );
        }
        const inherited = current.devices[thing.nic] === undefined;
        return {
          config: { ...current.config, [PIN_KEY]: pinText({ nic: thing.nic, inherited }) },
          devices: { ...current.devices, [thing.nic]: { ...nic, 'ipv4.address': thing.address } },
        };
      },
      signal,
    ),
  );
}

/** Takes the address off again, unless it is not our pin or another door still leads there. */
export async function removePin(thing: Pin, tools: ThingTools): Promise<void> {
  await tools.locks.hold(lockOf(thing), async () => {
    if (await doorsInto(thing.instance, thing.address, tools)) return;
    await tools.client
      .updateInstance(thing.instance, (current) => unpinned(current, thing), tools.signal)
      .catch((error) => {
        if (!isFault(error, 'lxd_not_found')) throw error;
      });
  });
}

function unpinned(current: LxdInstance, thing: Pin): Pick<LxdInstance, 'config' | 'devices'> | undefined {
  const pin = parsePin(current.config[PIN_KEY]);
  const nic = current.devices[thing.nic];
  if (pin?.nic !== thing.nic || nic === undefined) return undefined;
  const { [PIN_KEY]: _mark, ...config } = current.config;
  const { [thing.nic]: _nic, ...others } = current.devices;
  if (pin.inherited) return { config, devices: others };
  const { 'ipv4.address': _address, ...free } = nic;
  return { config, devices: { ...others, [thing.nic]: free } };
}

function lockOf({ host, instance }: Pin): string {
  return `instance:${host}/${instance}`;
}
