/**
 * Many pretended hosts, each with many doors, in a process of its own so that its memory is not counted: answers what a look at a host asks
 * for, from memory. Arguments: the folder of the sockets, how many hosts, how many doors on each.
 */
import { createServer } from 'node:http';
import { join } from 'node:path';
import { dropsFor } from '../../src/core/roads/road.ts';
import { ACL_NAME, MARK, tagText } from '../../src/core/tags/door-tag.ts';
import { PIN_KEY, pinText } from '../../src/core/tags/pin.ts';

const [folder = '', hosts = '0', doors = '0'] = process.argv.slice(2);
const BRIDGE = '10.90.0.1/16';
const OFFICE = ['192.0.2.0/24'];

/** One instance for each ten doors. */
const instanceOf = (index: number): number => Math.floor(index / 10);
const inside = (instance: number): string =>
  `10.90.${1 + Math.floor(instance / 200)}.${10 + (instance % 200)}`;

function answersOf(host: number): Record<string, unknown> {
  const listen = `198.51.100.${1 + host}`;
  const all = Array.from({ length: Number(doors) }, (_, index) => ({
    door: `door-h${host}d${index}`,
    instance: `i${instanceOf(index)}`,
    address: inside(instanceOf(index)),
    port: 8_000 + (index % 10),
    listenPort: 20_000 + index,
  }));
  const names = [...new Set(all.map(({ instance }) => instance))];
  const drops = dropsFor(OFFICE, BRIDGE, { addresses: [] } as never).join(',');
  const instances = names.map((name, index) => {
    const own = all.filter(({ instance }) => instance === name).map(({ door }) => door);
    const nic = { type: 'nic', network: 'lxdbr0', name: 'eth0', 'ipv4.address': inside(index) };
    const hwaddr = `00:16:3e:00:00:${index.toString(16).padStart(2, '0')}`;
    return {
      ...{ name, type: 'container', status: 'Running', description: '', profiles: ['default'] },
      config: {
        [PIN_KEY]: pinText({ nic: 'eth0', inherited: true, doors: own }),
        'volatile.eth0.hwaddr': hwaddr,
      },
      ...{ devices: { eth0: nic }, expanded_config: {}, expanded_devices: { eth0: nic } },
      state: {
        status: 'Running',
        network: {
          eth0: {
            addresses: [{ family: 'inet', address: inside(index), netmask: '16', scope: 'global' }],
            hwaddr,
          },
        },
      },
    };
  });
  const ports = all.map(({ door, instance, address, port, listenPort }) => ({
    description: tagText({ door, instance, port, protocol: 'tcp' }),
    ...{
      protocol: 'tcp',
      listen_port: String(listenPort),
      target_address: address,
      target_port: String(port),
    },
  }));
  const ingress = all
    .filter((_, index) => index % 4 === 0)
    .map(({ door, instance, address, port }) => ({
      ...{ action: 'drop', state: 'enabled', source: drops, destination: address, protocol: 'tcp' },
      description: tagText({ door, instance, port, protocol: 'tcp', sources: OFFICE }),
      destination_port: String(port),
    }));
  return {
    '': {
      ...{
        api_extensions: ['network_forward', 'network_bridge_acl', 'proxy', 'proxy_nat'],
        auth: 'trusted',
        config: {},
      },
      environment: { server: 'lxd', server_version: '5.0.2', server_name: `h${host}` },
    },
    instances,
    networks: [
      {
        ...{ name: 'lxdbr0', type: 'bridge', managed: true, description: '' },
        config: { 'ipv4.address': BRIDGE, 'security.acls': ACL_NAME },
      },
    ],
    'networks/lxdbr0/state': { addresses: [], hwaddr: '', state: 'up' },
    'networks/lxdbr0/forwards': [
      { listen_address: listen, description: 'Drawbridge', config: { [MARK]: '1' }, ports },
    ],
    [`network-acls/${ACL_NAME}`]: {
      name: ACL_NAME,
      description: '',
      config: { [MARK]: '1' },
      ingress,
      egress: [],
    },
  };
}

for (let host = 0; host < Number(hosts); host += 1) {
  const answers = new Map(
    Object.entries(answersOf(host)).map(([path, metadata]) => [
      `/1.0${path === '' ? '' : `/${path}`}`,
      JSON.stringify({
        type: 'sync',
        status: 'Success',
        status_code: 200,
        operation: '',
        error: '',
        metadata,
      }),
    ]),
  );
  const server = createServer(({ url = '' }, response) => {
    const found = answers.get(url.split('?')[0] ?? '');
    if (found === undefined)
      response.writeHead(404).end(JSON.stringify({ type: 'error', error: 'Not Found', error_code: 404 }));
    else response.writeHead(200, { 'content-type': 'application/json', etag: '"1"' }).end(found);
  });
  await new Promise<void>((resolve) => server.listen(join(folder, `h${host}.sock`), resolve));
}
process.send?.('ready');
