/** The fake Nova's flavors, key pairs, limits and interfaces, and the fake Glance's images. */
import { createHash } from 'node:crypto';
import { bare } from './neutron.ts';
import { novaPage } from './nova-pages.ts';
import { bind, findServer, portFor, portsOf, release, usedLimits } from './nova-servers.ts';
import { type FakeState, visible } from './state.ts';
import { fieldsOf, novaError, type Route, textOf } from './wire.ts';

export function stockRoutes(state: FakeState): Route[] {
  return [
    ['GET', '/', () => ({ status: 200, body: { version: { id: 'v2.1', status: 'CURRENT' } } })],
    [
      'GET',
      '/flavors/detail',
      (heard) => novaPage(state, 'flavors', visible(state.flavors).map(bare), heard),
    ],
    [
      'GET',
      '/limits',
      () => {
        const [most, used] = [state.limits, usedLimits(state)];
        const absolute = {
          maxTotalInstances: most.instances,
          totalInstancesUsed: used.instances,
          maxTotalCores: most.cores,
          totalCoresUsed: used.cores,
          maxTotalRAMSize: most.ram,
          totalRAMUsed: used.ram,
        };
        return { status: 200, body: { limits: { rate: [], absolute } } };
      },
    ],
    ...keypairRoutes(state),
    ...interfaceRoutes(state),
  ];
}

function keypairRoutes(state: FakeState): Route[] {
  const one = (name: string) => {
    const found = state.keypairs.get(name);
    if (found === undefined) throw novaError(404, `Keypair ${name} not found for user bot`);
    return found;
  };
  return [
    ['GET', '/os-keypairs/*', (_heard, name = '') => ({ status: 200, body: { keypair: bare(one(name)) } })],
    [
      'POST',
      '/os-keypairs',
      (heard) => {
        const fields = fieldsOf(heard.body, 'keypair', (message) => novaError(400, message));
        const [name, key] = [textOf(fields, 'name') ?? '', textOf(fields, 'public_key') ?? ''];
        if (!isPublicKey(key))
          throw novaError(400, 'Keypair data is invalid: failed to generate fingerprint');
        if (state.keypairs.has(name)) throw novaError(409, `Key pair '${name}' already exists.`);
        if (state.keypairs.size >= state.limits.key_pairs)
          throw novaError(403, 'Quota exceeded, too many key pairs.');
        const blob = Buffer.from(key.split(' ')[1] ?? '', 'base64');
        const fingerprint = createHash('md5')
          .update(blob)
          .digest('hex')
          .replace(/..(?=.)/g, '$&:');
        const keypair = { name, public_key: key, fingerprint };
        state.keypairs.set(name, { ...keypair, visibleAt: Date.now() + state.lagMs });
        return { status: 200, body: { keypair } };
      },
    ],
    [
      'DELETE',
      '/os-keypairs/*',
      (_heard, name = '') => {
        state.keypairs.delete(one(name).name);
        return { status: 202 };
      },
    ],
  ];
}

/** Type and base64 of a blob that begins with its own type (RFC 4253, 6.6). */
function isPublicKey(key: string): boolean {
  const [type = '', text = ''] = key.split(' ');
  const blob = Buffer.from(text, 'base64');
  return blob.length > 4 && blob.subarray(4, 4 + blob.readUInt32BE(0)).toString() === type;
}

function interfaceRoutes(state: FakeState): Route[] {
  return [
    [
      'POST',
      '/servers/*/os-interface',
      (heard, id = '') => {
        const server = findServer(state, id);
        const fields = fieldsOf(heard.body, 'interfaceAttachment', (message) => novaError(400, message));
        if (Date.now() < server.activeAt) {
          const words = `Cannot 'attach_interface' instance ${id} while it is in vm_state building`;
          throw novaError(409, words);
        }
        const port = portFor(state, textOf(fields, 'port_id') ?? '', 404);
        bind(port, id);
        const { mac_addr, fixed_ips } = { mac_addr: port.mac_address, fixed_ips: port.fixed_ips };
        const attachment = {
          port_id: port.id,
          net_id: port.network_id,
          mac_addr,
          fixed_ips,
          port_state: 'ACTIVE',
        };
        return { status: 200, body: { interfaceAttachment: attachment } };
      },
    ],
    [
      'DELETE',
      '/servers/*/os-interface/*',
      (_heard, id = '', portId = '') => {
        const server = findServer(state, id);
        const port = portsOf(state, server.id).find((each) => each.id === portId);
        // Nova accepts this of any port, and finds out in the background.
        if (port !== undefined) release(state, port);
        return { status: 202 };
      },
    ],
  ];
}

export function glanceRoutes(state: FakeState): Route[] {
  return [
    [
      'GET',
      '/images',
      ({ query, path }) => {
        const wanted = [...query].filter(([name]) => !['limit', 'marker'].includes(name));
        const all = visible(state.images)
          .map(bare)
          .filter((each) => wanted.every(([name, value]) => String({ ...each }[name as 'id']) === value));
        const marker = query.get('marker');
        const from = marker === null ? 0 : all.findIndex(({ id }) => id === marker) + 1;
        const size = Math.min(Number(query.get('limit') ?? state.pageSize), state.pageSize);
        const page = all.slice(from, from + size);
        const next = new URLSearchParams(query);
        next.set('marker', page.at(-1)?.id ?? '');
        const more = from + size < all.length ? { next: `/v2${path}?${next}` } : {};
        return {
          status: 200,
          body: { images: page, first: `/v2${path}`, schema: '/v2/schemas/images', ...more },
        };
      },
    ],
  ];
}
