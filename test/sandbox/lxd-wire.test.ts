/** The sandbox's LXD host byte for byte, where its client does not look: shapes that were recorded from LXD 5.0.2. */
import { mkdtemp, rm } from 'node:fs/promises';
import { type IncomingHttpHeaders, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createSandboxHost, type SandboxHost } from '../../src/sandbox/lxd/lxd-host.ts';

let folder: string;
let host: SandboxHost;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drawbridge-wire-'));
  const log = { info() {}, warn() {}, error() {} };
  host = createSandboxHost({ socket: join(folder, 'lxd.sock'), publicAddress: '127.0.0.1', log });
  await host.start();
});
afterAll(async () => {
  await host.stop();
  await rm(folder, { recursive: true });
});

interface Heard {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

function ask(method: string, path: string, body?: unknown, headers = {}): Promise<Heard> {
  return new Promise((resolve, reject) => {
    const call = request({ socketPath: join(folder, 'lxd.sock'), method, path, headers }, (response) => {
      let text = '';
      response.on('data', (chunk) => {
        text += String(chunk);
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
      );
    });
    call.on('error', reject);
    call.end(typeof body === 'string' || body === undefined ? body : JSON.stringify(body));
  });
}

it.each([
  ['GET', '/nope', undefined, 404, 'not found'],
  ['GET', '/1.0/nope', undefined, 404, 'not found'],
  ['DELETE', '/1.0', undefined, 501, 'not implemented'],
  ['GET', '/1.0/instances/nope', undefined, 404, 'Instance not found'],
  ['GET', '/1.0/networks/nope/state', undefined, 404, 'Network interface "nope" not found'],
  ['GET', '/1.0/networks/nope/forwards', undefined, 404, 'Failed loading network: Network not found'],
  ['GET', '/1.0/networks/lxdbr0/forwards/192.0.2.1', undefined, 404, 'Network forward not found'],
  [
    'DELETE',
    '/1.0/networks/lxdbr0/forwards/192.0.2.1',
    undefined,
    404,
    'Failed deleting forward: Network forward not found',
  ],
  ['GET', '/1.0/operations/nope/wait', undefined, 404, 'Operation not found'],
  ['GET', '/1.0/network-acls/nope', undefined, 404, 'Network ACL not found'],
  ['POST', '/1.0/network-acls', { name: '' }, 500, 'Name is required'],
  [
    'POST',
    '/1.0/network-acls',
    { name: 'a b' },
    500,
    'Name can only contain alphanumeric and hyphen characters',
  ],
  [
    'POST',
    '/1.0/networks/lxdbr0/forwards',
    { listen_address: 'x' },
    500,
    'Failed creating forward: Failed parsing address forward listen address "x": invalid CIDR address: x/32',
  ],
])('%s %s says what LXD says', async (method, path, body, status, error) => {
  const heard = await ask(method, path, body);
  expect(heard.status).toBe(status);
  expect(JSON.parse(heard.text)).toEqual({
    type: 'error',
    status: '',
    status_code: 0,
    operation: '',
    error_code: status,
    error,
    metadata: null,
  });
});

it('refuses what is no JSON, and JSON of another shape', async () => {
  expect((await ask('PUT', '/1.0/instances/blog', 'nope')).status).toBe(400);
  expect((await ask('PUT', '/1.0/instances/blog', { config: 7 })).status).toBe(400);
});

it.each(['instances/blog', 'networks/lxdbr0'])('holds %s to its ETag, in either spelling', async (noun) => {
  const { headers, text } = await ask('GET', `/1.0/${noun}`);
  expect(headers.etag).toMatch(/^"[0-9a-f]{64}"$/);
  const body = JSON.parse(text).metadata;
  const stale = await ask('PUT', `/1.0/${noun}`, body, { 'if-match': '"abc"' });
  expect(stale.status).toBe(412);
  expect(JSON.parse(stale.text).error).toBe(
    `ETag doesn't match: ${headers.etag?.replaceAll('"', '')} vs abc`,
  );
  const fresh = await ask('PUT', `/1.0/${noun}`, body, { 'if-match': headers.etag?.replaceAll('"', '') });
  expect(fresh.status).toBeLessThan(300);
});

it('pays no heed to If-Match on forwards, as LXD', async () => {
  const path = '/1.0/networks/lxdbr0/forwards';
  const made = await ask('POST', path, { listen_address: '192.0.2.1', config: { 'user.x': '1' } });
  expect([made.status, made.headers.location]).toEqual([201, `${path}/192.0.2.1`]);
  expect((await ask('PUT', `${path}/192.0.2.1`, {}, { 'if-match': '"abc"' })).status).toBe(200);
  const { metadata } = JSON.parse((await ask('GET', `${path}/192.0.2.1`)).text);
  expect(metadata).toEqual({
    listen_address: '192.0.2.1',
    description: '',
    config: {},
    ports: [],
    location: 'none',
  });
  await ask('DELETE', `${path}/192.0.2.1`);
});

it('runs a program as an operation, and keeps its output until it is deleted', async () => {
  const body = { command: ['cat', '/proc/net/tcp'], 'record-output': true };
  const begun = await ask('POST', '/1.0/instances/blog/exec', body);
  expect(begun.status).toBe(202);
  const { operation, metadata: first } = JSON.parse(begun.text);
  expect([begun.headers.location, first.status]).toEqual([operation, 'Running']);
  const done = JSON.parse((await ask('GET', `${operation}/wait?timeout=5`)).text).metadata;
  const stem = `/1.0/instances/blog/logs/exec_${first.id}`;
  const output = { 1: `${stem}.stdout`, 2: `${stem}.stderr` };
  expect(done).toMatchObject({ status: 'Success', status_code: 200, metadata: { return: 0, output } });
  const log = await ask('GET', output[1]);
  expect([log.status, log.headers['content-type']]).toEqual([200, 'application/octet-stream']);
  expect(log.text.split('\n')[1]).toBe(
    '   0: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 77000 1 0000000000000000 100 0 0 10 0',
  );
  expect((await ask('DELETE', output[1])).status).toBe(200);
  expect((await ask('DELETE', output[1])).status).toBe(404);
});

it('ends a change that it refuses as an operation that failed', async () => {
  const begun = await ask('PUT', '/1.0/instances/blog', { devices: { x: { type: 'frob' } } });
  expect(begun.status).toBe(202);
  const { operation } = JSON.parse(begun.text);
  const { metadata } = JSON.parse((await ask('GET', `${operation}/wait?timeout=5`)).text);
  expect(metadata).toMatchObject({
    status: 'Failure',
    status_code: 400,
    err: 'Invalid devices: Device validation failed for "x": Failed loading device "x": Unsupported device type',
  });
});
