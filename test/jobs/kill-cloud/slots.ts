/**
 * Places for cases that run side by side on the lab's hosts. Each has an address of its own on the host, so that two of them, which are two
 * Drawbridges with locks of their own, never write to one forward; and an instance, which each case leaves as it was.
 */
import { type Lab, type LabHost, launchInstance, lxc } from '../../lab/lab.ts';
import { ip } from '../../lab/namespaces.ts';
import type { AllocationPool } from '../../openstack/fake-cloud/state.ts';
import { takeTurns } from '../../stage/take-turns.ts';

export interface Slot {
  host: LabHost;
  /** The host has it on its uplink. */
  address: string;
  /** On which somebody else has a forward. */
  foreign: string;
  /** What the cloud gives to ports. */
  pool: AllocationPool;
  /** The network of floating IPs. */
  floating: string;
  instance: string;
  /** Of the ports that it makes. The lab's LAN has few leases, so whatever asks for one has to ask under one of few addresses. */
  mac?: string;
}

export interface Slots {
  /** Waits for a free one. @param leased with a hardware address for the LAN's DHCP */
  use<T>(leased: boolean, work: (slot: Slot) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** More would only wait for each other: so many keep two processors busy. */
const LEASED = 2;
const OTHERS = 4;

export async function openSlots(lab: Lab): Promise<Slots> {
  const hosts = [lab.hosts.web1, lab.hosts.web2];
  const all = Array.from({ length: LEASED + OTHERS }, (_, number) =>
    slotOf(number, hosts[number % hosts.length] ?? lab.hosts.web1),
  );
  await Promise.all(all.map(prepare));
  const turns = {
    leased: takeTurns(all.filter(({ mac }) => mac !== undefined)),
    others: takeTurns(all.filter(({ mac }) => mac === undefined)),
  };
  return {
    use: (leased, work) =>
      turns[leased ? 'leased' : 'others'](async (slot) => {
        try {
          return await work(slot);
        } catch (error) {
          await prepare(slot);
          throw error;
        }
      }),
    close: async () => void (await Promise.all(all.map(clear))),
  };
}

function slotOf(number: number, host: LabHost): Slot {
  const first = 60 + number * 4;
  const lan = (last: number): string => `198.51.100.${last}`;
  return {
    host,
    address: lan(30 + number),
    foreign: lan(230 + Math.floor(number / 2)),
    pool: { start: lan(first), end: lan(first + 3) },
    floating: `127.9.${number + 1}.0/24`,
    instance: `slot-${number}`,
    ...(number < LEASED && { mac: `fa:16:3e:db:00:${String(number).padStart(2, '0')}` }),
  };
}

async function prepare(slot: Slot): Promise<void> {
  await clear(slot);
  const { host, address, instance, foreign } = slot;
  await ip(host.namespace, 'address', 'replace', `${address}/24`, 'dev', 'eth0');
  await lxc(host, 'network', 'forward', 'create', host.bridge, foreign, 'user.owner=mail');
  await launchInstance(host, instance, { config: { 'user.note': 'of the shop' } });
}

/** Also what a run that was cut short has left. */
async function clear({ host, address, instance, foreign }: Slot): Promise<void> {
  const anyway = (work: Promise<unknown>) => work.catch(() => undefined);
  await anyway(lxc(host, 'delete', '--force', instance));
  for (const listen of [address, foreign])
    await anyway(lxc(host, 'network', 'forward', 'delete', host.bridge, listen));
  await anyway(ip(host.namespace, 'address', 'delete', `${address}/24`, 'dev', 'eth0'));
}
