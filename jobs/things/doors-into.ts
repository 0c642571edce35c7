/** Whether any door of ours but one's own leads to an address; read from LXD, not from Redis. */
import { doorOfDevice, parseTag } from '../../src/core/door-tag.ts';
import { isFault } from '../../src/errors.ts';
import type { ThingTools } from './thing-tools.ts';

/** True when a forward or a nat proxy of another door still needs the instance to keep its address. */
export async function doorsInto(
  instance: string,
  address: string,
  { client, door, signal }: ThingTools,
): Promise<boolean> {
  const networks = await client.listNetworks(signal);
  const bridges = networks.filter(({ managed, type }) => managed && type === 'bridge');
  const forwards = await Promise.all(bridges.map(({ name }) => client.listForwards(name, signal)));
  const byForward = forwards.flat().some(({ ports }) =>
    ports.some(({ target_address, description }) => {
      const tag = parseTag(description);
      return tag !== undefined && tag.door !== door.id && target_address === address;
    }),
  );
  return byForward || (await byProxy());

  async function byProxy(): Promise<boolean> {
    try {
      const { value } = await client.getInstance(instance, signal);
      return Object.entries(value.devices).some(([name, { nat }]) => {
        const other = doorOfDevice(name);
        return other !== undefined && other !== door.id && nat === 'true';
      });
    } catch (error) {
      if (isFault(error, 'lxd_not_found')) return false;
      throw error;
    }
  }
}
