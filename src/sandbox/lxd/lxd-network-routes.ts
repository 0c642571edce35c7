/** Networks of the pretended LXD: one bridge that it manages, and the interfaces of the machine. */
import { etagOf, LxdRefused, requireMatch, synced } from './lxd-answer.ts';
import { aclsOf } from './lxd-lets-in.ts';
import type { LxdParts, Routes } from './lxd-routes.ts';
import { BRIDGE, type LxdState, SUBNET_PREFIX } from './lxd-state.ts';
import { writtenNetwork } from './lxd-written.ts';

export function networkRoutes({ store, publicAddress }: LxdParts): Routes {
  const addresses = addressesOf(publicAddress);
  const all = () => [
    told(store.state()),
    ...Object.keys(addresses)
      .filter((name) => name !== BRIDGE)
      .map(unmanaged),
  ];
  return {
    'GET networks': ({ query }) =>
      synced(query.get('recursion') === '1' ? all() : all().map(({ name }) => `/1.0/networks/${name}`)),
    'GET networks/*': (_call, name) => {
      const network = all().find((each) => each.name === name);
      if (network === undefined) throw new LxdRefused(404, 'Network not found');
      return synced(network, network.managed ? etagOfNetwork(store.state()) : etagOf(name));
    },
    'GET networks/*/state': (_call, name = '') => {
      const found = addresses[name];
      if (found === undefined) throw new LxdRefused(404, `Network interface "${name}" not found`);
      return synced({
        addresses: found,
        counters: {},
        hwaddr: '',
        mtu: 1500,
        state: 'up',
        type: 'broadcast',
      });
    },
    'PUT networks/*': async ({ body, ifMatch }, name) => {
      requireBridge(name);
      const next = writtenNetwork.parse(body);
      await store.change((draft) => {
        requireMatch(ifMatch, etagOfNetwork(draft));
        checkConfig(next.config, draft);
        draft.network = { description: next.description, config: next.config };
      });
      return synced({});
    },
  };
}

/** @throws LxdRefused 404 for any network but the one bridge */
export function requireBridge(name: string | undefined): void {
  if (name !== BRIDGE) throw new LxdRefused(404, 'Failed loading network: Network not found');
}

const OPTIONS =
  /^(bridge|dns|ipv4|ipv6|maas|raw|user)\.|^security\.acls(\.default\.(in|e)gress\.(action|logged))?$/;

function checkConfig(config: Record<string, string>, { acls }: LxdState): void {
  for (const [option, value] of Object.entries(config)) {
    if (!OPTIONS.test(option))
      throw new LxdRefused(400, `Invalid option for network "${BRIDGE}" option "${option}"`);
    if (option.endsWith('gress.action') && !['allow', 'drop', 'reject'].includes(value)) {
      const why = `Invalid value "${value}" (not one of [allow drop reject])`;
      throw new LxdRefused(400, `Invalid value for network "${BRIDGE}" option "${option}": ${why}`);
    }
  }
  const unknown = aclsOf(config).find((name) => !acls.some((acl) => acl.name === name));
  if (unknown !== undefined) throw new LxdRefused(400, `Network ACL "${unknown}" does not exist`);
}

function etagOfNetwork({ network }: LxdState): string {
  return etagOf(BRIDGE, network);
}

function told({ network, instances }: LxdState) {
  const usedBy = ['/1.0/profiles/default', ...instances.map(({ name }) => `/1.0/instances/${name}`)];
  return {
    ...network,
    name: BRIDGE,
    type: 'bridge',
    used_by: usedBy,
    managed: true,
    status: 'Created',
    locations: ['none'],
  };
}

function unmanaged(name: string) {
  const type = name === 'lo' ? 'loopback' : 'unknown';
  return {
    config: {},
    description: '',
    name,
    type,
    used_by: null,
    managed: false,
    status: '',
    locations: null,
  };
}

/** A public address that is not the machine's own loopback sits on a pretended `eth0`. */
function addressesOf(publicAddress: string) {
  const inet = (address: string, netmask: string, scope: string) => [
    { family: 'inet', address, netmask, scope },
  ];
  return {
    [BRIDGE]: inet(`${SUBNET_PREFIX}1`, '24', 'global'),
    lo: inet('127.0.0.1', '8', 'local'),
    ...(publicAddress !== '127.0.0.1' && { eth0: inet(publicAddress, '24', 'global') }),
  } as Record<string, { family: string; address: string; netmask: string; scope: string }[]>;
}
