/** The sandbox's LXD host as a thing of its own: what it keeps, what it refuses, and that it goes away whole. */
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createLxdClient, type LxdClient } from '../../src/lxd/client.ts';
import { createSandboxHost, type SandboxHost } from '../../src/sandbox/lxd/lxd-host.ts';
import { faultOf } from '../lxd/fault-of.ts';
import { staysOpen, titleAt } from '../lxd/reach.ts';

const HERE = '127.0.0.1';
const PORT = 19_100;

let folder: string;
let warnings: string[];
let host: SandboxHost;
let client: LxdClient;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drawbridge-sandbox-'));
  warnings = [];
  host = hostAt();
  client = createLxdClient({ host: 'sandbox', transport: { kind: 'unix', socket: socketPath() } });
  await host.start();
});
afterEach(async () => {
  await client.close();
  await host.stop();
  await rm(folder, { recursive: true, force: true });
});

const socketPath = () => join(folder, 'lxd.sock');
const stateFile = () => join(folder, 'state.json');
function hostAt(): SandboxHost {
  const warn = (_about: unknown, what?: unknown): void => {
    warnings.push(String(what));
  };
  const log = { info() {}, warn, error: warn };
  return createSandboxHost({ socket: socketPath(), publicAddress: HERE, stateFile: stateFile(), log });
}
const forwardTo = (target_address: string, port = PORT) => ({
  listen_address: HERE,
  description: '',
  config: {},
  ports: [{ description: '', protocol: 'tcp', listen_port: String(port), target_address, target_port: '80' }],
});
const copyTo = (port: number) => ({
  type: 'proxy',
  listen: `tcp:${HERE}:${PORT + 1}`,
  connect: `tcp:127.0.0.1:${port}`,
});

it('opens its doors again after a restart', async () => {
  await client.createForward('lxdbr0', forwardTo('10.77.0.11'));
  await client.patchInstance('db', { config: { 'user.x': '1' }, devices: { door: copyTo(5432) } });
  await host.stop();
  expect(await titleAt(HERE, PORT)).toBeUndefined();
  expect(await staysOpen(HERE, PORT + 1)).toBe(false);

  await host.start();
  expect(await titleAt(HERE, PORT)).toBe('blog');
  expect(await staysOpen(HERE, PORT + 1)).toBe(true);
  expect((await client.getInstance('db')).value).toMatchObject({
    config: { 'user.x': '1' },
    devices: { door: copyTo(5432) },
  });
  expect(warnings).toEqual([]);
});

it('refuses a public port that something else has, and stays as it was', async () => {
  const other = createServer().listen(PORT, HERE);
  try {
    const forward = await faultOf(client.createForward('lxdbr0', forwardTo('10.77.0.11')));
    expect(forward).toMatchObject({ code: 'lxd_refused', retryable: false });
    expect(forward.message).toMatch(
      /Failed creating forward: Failed to listen on 127\.0\.0\.1:19100: listen tcp 127\.0\.0\.1:19100: bind: address already in use$/,
    );
    expect(await client.listForwards('lxdbr0')).toEqual([]);
  } finally {
    other.close();
  }
});

it('opens none of several ports when one is not to be had', async () => {
  const other = createServer().listen(PORT + 1, HERE);
  try {
    const range = forwardTo('10.77.0.11');
    const ports = range.ports.map((each) => ({ ...each, listen_port: `${PORT}-${PORT + 1}` }));
    expect(await faultOf(client.createForward('lxdbr0', { ...range, ports }))).toMatchObject({
      code: 'lxd_refused',
    });
    expect(await titleAt(HERE, PORT)).toBeUndefined();
  } finally {
    other.close();
  }
});

it('leaves a door closed whose port was taken meanwhile, and says so', async () => {
  await client.createForward('lxdbr0', forwardTo('10.77.0.11'));
  await host.stop();
  const other = createServer().listen(PORT, HERE);
  try {
    await host.start();
    expect(warnings).toEqual(['a door of the sandbox stays closed']);
    expect(await client.listForwards('lxdbr0')).toHaveLength(1);
    await client.deleteForward('lxdbr0', HERE);
  } finally {
    other.close();
  }
});

it('begins anew over a state that cannot be read', async () => {
  await client.createForward('lxdbr0', forwardTo('10.77.0.11'));
  await host.stop();
  await writeFile(stateFile(), '{"forwards": "nonsense"');
  await host.start();
  expect(warnings).toEqual(['the sandbox begins anew']);
  expect(await client.listForwards('lxdbr0')).toEqual([]);
});

it('keeps nothing that was refused', async () => {
  await client.createForward('lxdbr0', forwardTo('10.77.0.11'));
  const before = await readFile(stateFile(), 'utf8');
  await faultOf(client.putForward('lxdbr0', HERE, forwardTo('192.0.2.1')));
  expect(await readFile(stateFile(), 'utf8')).toBe(before);
});

it('lets nobody else use its socket', async () => {
  expect((await stat(socketPath())).mode & 0o777).toBe(0o600);
});

it('replaces a socket that was left behind', async () => {
  await host.stop();
  await writeFile(socketPath(), '');
  await host.start();
  expect((await client.listInstances()).map(({ name }) => name)).toEqual(['blog', 'shop', 'db', 'attic']);
});

it('starts once and stops once', async () => {
  await host.start();
  await host.stop();
  await host.stop();
  expect(await faultOf(client.listInstances())).toMatchObject({ code: 'lxd_unreachable' });
});

it('throws out who copies through a closed proxy, and lets stay who came through a forward', async () => {
  await client.createForward('lxdbr0', forwardTo('10.77.0.12'));
  await client.patchInstance('db', { devices: { door: copyTo(5432) } });
  const [kernel, copied] = [connect(PORT, HERE), connect(PORT + 1, HERE)];
  await Promise.all(
    [kernel, copied].map((socket) => new Promise((resolve) => socket.once('connect', resolve))),
  );
  const thrownOut = new Promise((resolve) => copied.once('close', resolve));
  copied.resume().on('error', () => {});

  await client.updateInstance('db', () => ({ devices: {} }));
  await thrownOut;
  await client.deleteForward('lxdbr0', HERE);
  const page = new Promise<string>((resolve) => kernel.once('data', (data) => resolve(String(data))));
  kernel.write('GET / HTTP/1.1\r\nHost: shop\r\n\r\n');
  expect(await page).toContain('<title>shop</title>');
  kernel.destroy();
});

it('answers psql in its own protocol', async () => {
  await client.patchInstance('db', { devices: { door: copyTo(5432) } });
  const said = await new Promise<string>((resolve) => {
    const socket = connect(PORT + 1, HERE, () => socket.write(Buffer.from([0, 0, 0, 8, 4, 210, 22, 47])));
    let text = '';
    socket.on('data', (data) => {
      if (text === '') socket.write(Buffer.from([0, 0, 0, 9, 0, 3, 0, 0, 0]));
      text += String(data);
    });
    socket.on('close', () => resolve(text));
  });
  expect(said).toMatch(/^NE.*SFATAL/s);
});
