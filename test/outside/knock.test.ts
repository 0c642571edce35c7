/** What is behind a door is not trusted: it is looked at for a moment, goes nowhere else, and says nothing that chat or log would obey. */
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { knock } from '../../src/outside/knock.ts';

const running: Server[] = [];
const open = new Set<Socket>();
afterEach(async () => {
  for (const socket of open) socket.destroy();
  await Promise.all(running.splice(0).map((server) => new Promise((done) => server.close(done))));
});

async function listen(server: Server): Promise<number> {
  running.push(server);
  server.on('connection', (socket: Socket) => open.add(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}
const serve = (listener: RequestListener) => listen(createHttpServer(listener));
const raw = (talk: (socket: Socket) => void) =>
  listen(createServer((socket) => talk(socket.on('error', () => {}))));
const knockAt = (port: number, speak: 'http' | 'https' = 'http') =>
  knock({ address: '127.0.0.1', port, speak, timeoutMs: 700 });

describe('a knock', () => {
  it('follows no redirect: what is behind a door cannot send it to the worker’s own network', async () => {
    let visits = 0;
    const inner = await serve((_request, response) => {
      visits += 1;
      response.end('secret');
    });
    const outer = await serve((_request, response) =>
      response.writeHead(302, { location: `http://127.0.0.1:${inner}/latest/meta-data` }).end(),
    );
    expect(await knockAt(outer)).toMatchObject({ kind: 'http', status: 302 });
    expect(visits).toBe(0);
  });

  it.each([
    ['&lt;!channel&gt; *pay* `now` &amp;', 'markup'],
    ['line\nlevel=error msg="forged"\r\nanother', 'lines'],
    ['\u001b[2J\u001b]0;owned\u0007page\u202e', 'signs for a terminal'],
    ['x'.repeat(400), 'far too much'],
  ])('tells the title %j as harmless text: no %s', async (title) => {
    const port = await serve((_request, response) => response.end(`<title>${title}</title>`));
    const { title: shown = '' } = (await knockAt(port)) as { title?: string };
    expect(shown).not.toBe('');
    expect([...shown].filter((sign) => sign < ' ' || '\u007f\u202e<>*`'.includes(sign))).toEqual([]);
    expect(shown.length).toBeLessThanOrEqual(100);
  });

  it('ends in time and small, whatever never ends: headers, a body, a title, a handshake', async () => {
    const flood = (first: string, again: string) =>
      raw((socket) => {
        socket.write(first);
        const timer = setInterval(() => socket.write(again), 5);
        socket.once('close', () => clearInterval(timer));
      });
    const before = process.memoryUsage().rss;
    const ports = await Promise.all([
      flood('HTTP/1.1 200 OK\r\n', `x-more: ${'y'.repeat(1_000)}\r\n`),
      flood('HTTP/1.1 200 OK\r\n\r\n', 'z'.repeat(100_000)),
      flood('HTTP/1.1 200 OK\r\n\r\n<title>', 't'.repeat(100_000)),
      flood('HTTP/1.1 200 OK\r\ncontent-length: 9999999999\r\n\r\n', ''),
      raw(() => {}),
    ]);
    const begun = performance.now();
    const seen = await Promise.all([...ports.map((port) => knockAt(port)), knockAt(ports[4] ?? 0, 'https')]);
    expect(performance.now() - begun).toBeLessThan(10_000);
    for (const each of seen) expect(['http', 'open', 'silent']).toContain(each.kind);
    expect(process.memoryUsage().rss - before).toBeLessThan(200_000_000);
  });
});
