/** The public address of a door that nobody could know before it was opened. */
import type { DoorSpec } from '../../src/core/plan.ts';
import { findFloatingIp } from '../cloud-things/floating-ip.ts';
import { instanceWorldOf } from '../observe/observe-instance.ts';
import { clientOf } from '../thing-tools.ts';
import type { Tools } from '../tools.ts';

/** The floating IP that the door needs. */
export async function floatingAddressOf(
  { id, host, road }: DoorSpec,
  { hosts, clouds }: Tools,
  signal: AbortSignal,
): Promise<string | undefined> {
  const server = (await hosts.list()).find(({ name }) => name === host)?.server;
  const cloud = clouds.find(({ name }) => name === (road === 'server' ? host : server?.cloud));
  if (cloud === undefined) return undefined;
  return (await findFloatingIp(cloud.client, id, signal))?.floating_ip_address;
}

/** The address that the instance's card got from the DHCP of the LAN. */
export async function leasedAddressOf(
  { host, instance }: DoorSpec,
  tools: Tools,
  signal: AbortSignal,
): Promise<string | undefined> {
  const client = await clientOf(host, tools);
  const [{ value }, state] = await Promise.all([
    client.getInstance(instance, signal),
    client.getInstanceState(instance, signal),
  ]);
  const { card, nics } = instanceWorldOf({ ...value, state }, []);
  return nics.find(({ device }) => device === card?.device)?.address;
}
