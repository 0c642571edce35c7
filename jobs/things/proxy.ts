/** Puts and removes a proxy device, under a name that carries the door. */
import { deviceName } from '../../src/core/tags/door-tag.ts';
import { Fault, isFault } from '../../src/errors.ts';
import type { ThingTools } from '../thing-tools.ts';

interface Proxy {
  kind: 'proxy';
  host: string;
  instance: string;
  listenAddress: string;
  listenPort: number;
  protocol: 'tcp' | 'udp';
  connectAddress: string;
  connectPort: number;
  nat: boolean;
}

/** Adds the device; one of ours under this name that looks different is replaced. */
export async function putProxy(thing: Proxy, { client, locks, door, signal }: ThingTools): Promise<void> {
  const wanted = deviceOf(thing);
  const name = deviceName(door.id);
  await locks.hold(lockOf(thing), () =>
    client.updateInstance(
      thing.instance,
      ({ config, devices }) => {
        const present = devices[name];
        if (present !== undefined && sameDevice(present, wanted)) return undefined;
        const rival = Object.entries(devices).find(
          ([other, { listen }]) => other !== name && listen === wanted.listen,
        );
        if (rival !== undefined)
          throw new Fault('foreign_object', `proxying ${wanted.listen}: ${rival[0]} has it already`);
        return { config, devices: { ...devices, [name]: wanted } };
      },
      signal,
    ),
  );
}

/** Takes the device away; an instance that is gone took it along. */
export async function removeProxy(thing: Proxy, { client, locks, door, signal }: ThingTools): Promise<void> {
  const name = deviceName(door.id);
  await locks.hold(lockOf(thing), () =>
    client
      .updateInstance(
        thing.instance,
        ({ config, devices }) => {
          if (devices[name] === undefined) return undefined;
          const { [name]: _ours, ...others } = devices;
          return { config, devices: others };
        },
        signal,
      )
      .catch((error) => {
        if (!isFault(error, 'lxd_not_found')) throw error;
      }),
  );
}

function deviceOf(thing: Proxy): Record<string, string> {
  return {
    type: 'proxy',
    listen: `${thing.protocol}:${thing.listenAddress}:${thing.listenPort}`,
    connect: `${thing.protocol}:${thing.connectAddress}:${thing.connectPort}`,
    ...(thing.nat && { nat: 'true' }),
  };
}

function sameDevice(a: Record<string, string>, b: Record<string, string>): boolean {
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys].every((key) => a[key] === b[key]);
}

function lockOf({ host, instance }: Proxy): string {
  return `instance:${host}/${instance}`;
}
