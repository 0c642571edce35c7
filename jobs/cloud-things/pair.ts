/** Lets the host's port carry the address of another port (Network API, "allowed-address-pairs"). */
import type { ThingOf } from '../../src/core/thing.ts';
import { isFault } from '../../src/errors.ts';
import type { OsAddressPair } from '../../src/openstack/client.ts';
import { ipv4Of } from '../observe/ipv4-of.ts';
import { cloudOf, type StepTools } from '../thing-tools.ts';
import { findOwnPort, ownPort, portLock } from './own-port.ts';

type Pair = ThingOf<'pair'>;

/** Adds the pair; the write is refused and done again when somebody else changed the port in between. */
export async function putPair(thing: Pair, tools: StepTools): Promise<void> {
  const { client } = cloudOf(thing.cloud, tools);
  const { signal } = tools;
  const port = await ownPort(client, thing.owner, signal);
  const address = ipv4Of(port) ?? '';
  const pair = { ip_address: address, ...(thing.withMac && { mac_address: port.mac_address }) };
  await tools.records.locks.hold(portLock(thing, thing.hostPort), () =>
    client.updatePort(
      thing.hostPort,
      ({ allowed_address_pairs: pairs }) =>
        pairs.some((each) => isSame(each, pair))
          ? undefined
          : { allowed_address_pairs: [...without(pairs, address), pair] },
      signal,
    ),
  );
}

/** Takes the pair away. A port that is gone took it along. */
export async function removePair(thing: Pair, tools: StepTools): Promise<void> {
  const { client } = cloudOf(thing.cloud, tools);
  const { signal } = tools;
  const port = await findOwnPort(client, thing.owner, signal);
  const address = port === undefined ? undefined : ipv4Of(port);
  if (address === undefined) return;
  await tools.records.locks.hold(portLock(thing, thing.hostPort), () =>
    client
      .updatePort(
        thing.hostPort,
        ({ allowed_address_pairs: pairs }) =>
          pairs.some(({ ip_address }) => ip_address === address)
            ? { allowed_address_pairs: without(pairs, address) }
            : undefined,
        signal,
      )
      .catch((error) => {
        if (!isFault(error, 'openstack_not_found')) throw error;
      }),
  );
}

/** Neutron fills in the port's own hardware address where none is given. */
function isSame(there: OsAddressPair, wanted: OsAddressPair): boolean {
  return (
    there.ip_address === wanted.ip_address &&
    (wanted.mac_address === undefined || there.mac_address === wanted.mac_address)
  );
}

function without(pairs: readonly OsAddressPair[], address: string): OsAddressPair[] {
  return pairs.filter(({ ip_address }) => ip_address !== address);
}
