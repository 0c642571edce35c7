/** Whether a simplestreams server has an image, asked of real little servers, good and bad ones. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { imageServerHas } from '../../src/outside/image-server.ts';
import { startImageServer } from '../stage/image-server.ts';

const closes: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closes.splice(0)) await close();
});

const aliases = 'debian/12,debian/12/default,debian/bookworm';

it('has an image by each of its aliases, and no other', async () => {
  const server = await startImageServer({ address: '127.0.0.1', aliases });
  closes.push(server.close);
  expect(await imageServerHas(server.url, 'debian/12')).toBe(true);
  expect(await imageServerHas(`${server.url}/`, 'debian/bookworm')).toBe(true);
  expect(await imageServerHas(server.url, 'debian')).toBe(false);
  expect(await imageServerHas(server.url, 'alpine/3.20')).toBe(false);
  expect(server.asked).not.toContain('/streams/v1/ids.json');
});

it.each<[string, number, string]>([
  ['a page', 200, '<html>hello</html>'],
  ['JSON of another kind', 200, '{"images": []}'],
  ['an error', 503, 'later'],
])('is unknown where the server answers %s', async (_, status, body) => {
  const server = createServer((_request, response) => response.writeHead(status).end(body)).listen(
    0,
    '127.0.0.1',
  );
  closes.push(async () => server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  expect(await imageServerHas(`http://127.0.0.1:${port}`, 'debian/12')).toBe('unknown');
});

it('is unknown where nobody answers, and ends with the reason of its signal', async () => {
  expect(await imageServerHas('http://127.0.0.1:1', 'debian/12')).toBe('unknown');
  const over = AbortSignal.abort(new Error('over'));
  await expect(imageServerHas('http://127.0.0.1:1', 'debian/12', over)).rejects.toThrow('over');
});
