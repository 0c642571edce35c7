/** A port for a page: nobody has it, and browsers open it. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { freePort } from '../../src/sandbox/free-port.ts';

test('is the next one where somebody has the first', async () => {
  const server = createServer().listen(0);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  expect(await freePort(port)).toBeGreaterThan(port);
  server.close();
});

/** They say “bad port” before they connect. */
async function isBlocked(port: number): Promise<boolean> {
  const error: unknown = await fetch(`http://127.0.0.1:${port}`, { method: 'HEAD' }).catch(
    ({ cause }) => cause,
  );
  return error instanceof Error && error.message === 'bad port';
}

test.each([1719, 2049, 3659, 4045, 4190, 5060, 6000, 6566, 6665, 6679, 6697, 10_080])(
  'is not %d, which browsers and fetch refuse',
  async (port) => {
    expect(await isBlocked(port)).toBe(true);
    const found = await freePort(port);
    expect(found).toBeGreaterThan(port);
    expect(await isBlocked(found)).toBe(false);
  },
);
