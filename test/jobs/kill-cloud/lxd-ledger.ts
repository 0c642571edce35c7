/** What stands on a real LXD for the doors of one case, and what of others stands beside it. */
import type { LxdForward, LxdInstance } from '../../../src/lxd/client.ts';
import { lxcQuery } from '../../lab/lab.ts';
import type { Slot } from './slots.ts';

export interface OnLxd {
  status: string;
  /** Names of the instance's own devices. */
  devices: string[];
  /** Keys of ours in its config. */
  keys: string[];
  /** Ports that the host forwards from the slot's address. */
  forwarded: string[];
}

const OURS = 'user.drawbridge';

export async function onLxd(slot: Slot): Promise<OnLxd> {
  const { status, devices, config } = await instanceOf(slot);
  const forwards = await forwardsOf(slot);
  const own = forwards.find(({ listen_address }) => listen_address === slot.address);
  return {
    status,
    devices: Object.keys(devices).map((name) => name.replace(/door-[a-z0-9]+/, 'door')),
    keys: Object.keys(config).filter((key) => key.startsWith(OURS)),
    forwarded: own?.ports.map(({ listen_port }) => listen_port) ?? [],
  };
}

/** Everything of the instance but what LXD notes by itself, and the forward of somebody else, as text. */
export async function othersOnLxd(slot: Slot): Promise<string> {
  const { config, ...instance } = await instanceOf(slot);
  const kept = Object.entries(config).filter(([key]) => !key.startsWith('volatile.'));
  const forwards = await forwardsOf(slot);
  const { config: set, devices, profiles } = instance as LxdInstance & { profiles: string[]; config: object };
  return JSON.stringify([
    kept.sort(),
    set,
    devices,
    profiles,
    forwards.filter(({ listen_address }) => listen_address === slot.foreign),
  ]);
}

function instanceOf({ host, instance }: Slot): Promise<LxdInstance> {
  return lxcQuery(host, `/1.0/instances/${instance}`);
}

function forwardsOf({ host }: Slot): Promise<LxdForward[]> {
  return lxcQuery(host, `/1.0/networks/${host.bridge}/forwards?recursion=1`);
}
