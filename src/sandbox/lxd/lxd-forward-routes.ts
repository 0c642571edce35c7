/** Network forwards of the pretended LXD. Like the real one it pays no heed to If-Match here (measured on 5.0.2). */
import { isIPv4 } from 'node:net';
import { created, etagOf, LxdRefused, synced } from './lxd-answer.ts';
import { portsOf } from './lxd-devices.ts';
import { requireBridge } from './lxd-network-routes.ts';
import type { LxdParts, Routes } from './lxd-routes.ts';
import { BRIDGE, SUBNET_PREFIX } from './lxd-state.ts';
import { type SandboxForward, type SandboxForwardPort, writtenForward } from './lxd-written.ts';

export function forwardRoutes({ store }: LxdParts): Routes {
  const find = (forwards: SandboxForward[], listen: string) =>
    forwards.find(({ listen_address }) => listen_address === listen);

  return {
    'GET networks/*/forwards': ({ query }, network) => {
      requireBridge(network);
      const { forwards } = store.state();
      const path = `/1.0/networks/${BRIDGE}/forwards`;
      if (query.get('recursion') === '1') return synced(forwards.map(told));
      return synced(forwards.map(({ listen_address }) => `${path}/${listen_address}`));
    },
    'GET networks/*/forwards/*': (_call, network, listen = '') => {
      requireBridge(network);
      const found = find(store.state().forwards, listen);
      if (found === undefined) throw new LxdRefused(404, 'Network forward not found');
      return synced(told(found), etagOf(found));
    },
    'POST networks/*/forwards': async ({ body }, network) => {
      requireBridge(network);
      const fresh = writtenForward.parse(body);
      await during('Failed creating forward', () =>
        store.change((draft) => {
          if (find(draft.forwards, fresh.listen_address) !== undefined)
            throw new LxdRefused(409, 'A forward for that listen address already exists');
          check(fresh);
          draft.forwards.push(fresh);
        }),
      );
      return created(`/1.0/networks/${BRIDGE}/forwards/${fresh.listen_address}`);
    },
    'PUT networks/*/forwards/*': async ({ body }, network, listen = '') => {
      requireBridge(network);
      const next = { ...writtenForward.parse(body), listen_address: listen };
      await during('Failed updating forward', () =>
        store.change((draft) => {
          const found = find(draft.forwards, listen);
          if (found === undefined) throw new LxdRefused(404, 'Network forward not found');
          check(next);
          draft.forwards = draft.forwards.map((each) => (each === found ? next : each));
        }),
      );
      return synced({});
    },
    'DELETE networks/*/forwards/*': async (_call, network, listen = '') => {
      requireBridge(network);
      await during('Failed deleting forward', () =>
        store.change((draft) => {
          const found = find(draft.forwards, listen);
          if (found === undefined) throw new LxdRefused(404, 'Network forward not found');
          draft.forwards = draft.forwards.filter((each) => each !== found);
        }),
      );
      return synced({});
    },
  };
}

async function during(doing: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (error instanceof LxdRefused) throw new LxdRefused(error.status, `${doing}: ${error.message}`);
    throw error;
  }
}

function told({ listen_address, description, config, ports }: SandboxForward) {
  return { description, config, ports, listen_address, location: 'none' };
}

/** `config.target_address` is kept and does nothing: the pretended host cannot listen on every port. */
function check({ listen_address, config, ports }: SandboxForward): void {
  if (!isIPv4(listen_address)) {
    const why = `invalid CIDR address: ${listen_address}/32`;
    throw refused(`Failed parsing address forward listen address "${listen_address}": ${why}`);
  }
  const foreign = Object.keys(config).find((key) => key !== 'target_address' && !key.startsWith('user.'));
  if (foreign !== undefined) throw refused(`Invalid option "${foreign}"`);
  if (config.target_address !== undefined && !config.target_address.startsWith(SUBNET_PREFIX))
    throw refused('Default target address is not within the network subnet');
  const taken = new Set<string>();
  for (const [index, each] of ports.entries()) checkPort(each, index, taken);
}

function checkPort(each: SandboxForwardPort, index: number, taken: Set<string>): void {
  const place = `in port specification ${index}`;
  const { protocol, listen_port, target_port, target_address } = each;
  if (protocol !== 'tcp' && protocol !== 'udp')
    throw refused(`Invalid port protocol ${place}, protocol must be one of: tcp, udp`);
  if (!isIPv4(target_address)) throw refused(`Invalid target address ${place}`);
  if (!target_address.startsWith(SUBNET_PREFIX))
    throw refused(`Target address is not within the network subnet ${place}`);
  if (listen_port === '') throw refused(`Missing listen port ${place}`);
  const listens = portsOf(listen_port);
  if (listens === undefined)
    throw refused(`Invalid listen port ${place}: strconv.ParseInt: parsing "${listen_port}": invalid syntax`);
  for (const listen of listens) {
    const key = `${protocol} ${listen}`;
    if (taken.has(key)) throw refused(`Duplicate listen port ${listen} for protocol "${protocol}" ${place}`);
    taken.add(key);
  }
  const targets = target_port === '' ? listens : portsOf(target_port);
  if (targets === undefined) throw refused(`Invalid target port ${place}`);
  if (targets.length !== 1 && targets.length !== listens.length)
    throw refused(`Mismatch of listen port(s) and target port(s) count ${place}`);
}

function refused(why: string): LxdRefused {
  return new LxdRefused(500, why);
}
