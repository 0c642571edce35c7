/** What LXD is told about a card: a device of type `nic` (LXD, "Type: nic"). */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ThingOf } from '../../src/core/thing.ts';
import { Fault } from '../../src/errors.ts';
import type { LxdClient, LxdDevice } from '../../src/lxd/client.ts';
import { ownPort } from '../cloud-things/own-port.ts';
import { interfaceStates } from '../observe/interface-states.ts';
import { ipv4Of } from '../observe/ipv4-of.ts';
import { cloudOf, type StepTools } from '../thing-tools.ts';

type Nic = ThingOf<'nic'>;

/** How long a plugged port may take to appear on the host, in milliseconds; seen are 2 to 3 s. */
const APPEAR_MS = 60_000;

export async function cardDeviceOf(
  thing: Nic,
  tools: StepTools,
  client: LxdClient,
  signal: AbortSignal,
): Promise<LxdDevice> {
  const base = { type: 'nic', name: thing.device, nictype: thing.nictype };
  const parent = thing.parent ?? '';
  if (thing.cloud === undefined) return { ...base, parent };
  const port = await ownPort(cloudOf(thing.cloud, tools).client, thing.owner, signal);
  const address = ipv4Of(port) ?? '';
  switch (thing.nictype) {
    case 'routed':
      return { ...base, parent, 'ipv4.address': address, ...(thing.aside && { 'ipv4.gateway': 'none' }) };
    case 'physical':
      return { ...base, parent: await interfaceWith(port.mac_address, thing.host, client, signal) };
    default:
      return { ...base, parent, hwaddr: port.mac_address };
  }
}

/** The host's interface with a hardware address; names are of no use, for they follow the slot. */
async function interfaceWith(
  mac: string,
  host: string,
  client: LxdClient,
  signal: AbortSignal,
): Promise<string> {
  const begun = performance.now();
  for (;;) {
    const networks = await client.listNetworks(signal);
    const own = networks.filter(({ managed }) => !managed);
    const states = await interfaceStates(client, own, signal);
    const found = states.find(({ state }) => state.hwaddr.toLowerCase() === mac.toLowerCase());
    if (found !== undefined) return found.name;
    if (performance.now() - begun > APPEAR_MS)
      throw new Fault(
        'lxd_failed',
        `the port with ${mac} was plugged in, but ${host} shows no such interface`,
        { retryable: true },
      );
    await sleep(500, undefined, { signal });
  }
}
