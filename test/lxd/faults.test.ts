/** What the client makes of an LXD that does not answer, or answers nonsense. Real sockets. */
import { linkSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { FaultCode } from '../../src/errors.ts';
import { blog, clientAt, clientOf, hang, hangUp, inTurn, settled } from './fault-client.ts';
import { faultOf } from './fault-of.ts';
import { answer, failure, httpText, type Reply, sync } from './fault-server.ts';

describe('reading', () => {
  const cases: [string, Reply, FaultCode, boolean, RegExp][] = [
    ['no answer', hang, 'lxd_timeout', true, /no answer within 300 ms/],
    ['a connection dropped without reply', hangUp, 'lxd_unreachable', true, /closed before|was cut/],
    [
      'an error of its own',
      answer(500, failure(500, 'disk is on fire')),
      'lxd_failed',
      true,
      /disk is on fire/,
    ],
    [
      'a refusal dressed as 500',
      answer(500, failure(500, 'Invalid option "x"')),
      'lxd_refused',
      false,
      /Invalid option/,
    ],
    [
      'a bad request',
      answer(400, failure(400, 'Instance is not running')),
      'lxd_refused',
      false,
      /not running/,
    ],
    [
      'nothing there',
      answer(404, failure(404, 'Instance not found')),
      'lxd_not_found',
      false,
      /Instance not found/,
    ],
    ['no trust', answer(403, failure(403, 'not authorized')), 'lxd_unauthorized', false, /not authorized/],
    ['a duplicate', answer(409, failure(409, 'there is one')), 'lxd_conflict', false, /there is one/],
    [
      'a duplicate dressed as 400',
      answer(400, failure(400, 'It already exists')),
      'lxd_conflict',
      false,
      /exists/,
    ],
    [
      'a bridge down',
      answer(503, failure(503, 'Network "x" unavailable')),
      'lxd_failed',
      true,
      /unavailable/,
    ],
    [
      'the page of a proxy',
      (s) => s.write(httpText(502, '<h1>Bad\ngateway</h1>')),
      'lxd_failed',
      true,
      /Bad gateway/,
    ],
    ['garbage for a body', (s) => s.write(httpText(200, '<html>hello')), 'lxd_garbled', true, /not JSON/],
    ['an empty body', (s) => s.write(httpText(200, '')), 'lxd_garbled', true, /not JSON/],
    ['JSON of another service', answer(200, { items: [] }), 'lxd_garbled', true, /type/],
    ['metadata of another shape', answer(200, sync({ name: 7 })), 'lxd_garbled', true, /name/],
    ['no HTTP at all', (s) => s.end('SSH-2.0-OpenSSH_9.2\r\n'), 'lxd_unreachable', true, /./],
    [
      'half a body',
      (s) => s.end(httpText(200, '{"type":', { 'Content-Length': '99' })),
      'lxd_unreachable',
      true,
      /./,
    ],
    [
      'half a body that stays',
      (s) => s.write(httpText(200, '{', { 'Content-Length': '99' })),
      'lxd_timeout',
      true,
      /./,
    ],
  ];

  it.each(cases)('%s', async (_name, reply, code, retryable, words) => {
    const { client } = await clientOf(reply);
    const begun = performance.now();
    const fault = await faultOf(client.getInstance('blog'));
    expect(performance.now() - begun).toBeLessThan(10_000);
    expect({ code: fault.code, retryable: fault.retryable }).toEqual({ code, retryable });
    expect(fault.message).toMatch(/^reading instance blog on web1: /);
    expect(fault.message).toMatch(words);
  });

  it('says that there is no socket', async () => {
    const fault = await faultOf(clientAt('/nonexistent/lxd.sock').listInstances());
    expect(fault).toMatchObject({ code: 'lxd_unreachable', retryable: true });
    expect(fault.message).toBe(
      'listing instances on web1: there is no socket /nonexistent/lxd.sock: is LXD running?',
    );
  });

  it('says that nobody listens any more', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'drawbridge-left-'));
    const [path, left] = [join(folder, 'lxd.sock'), join(folder, 'left.sock')];
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(path, resolve));
    // Node removes its socket when it closes; a second name stays, like that of a daemon that was killed.
    linkSync(path, left);
    await new Promise((resolve) => server.close(resolve));
    try {
      const fault = await faultOf(clientAt(left).listInstances());
      expect(fault).toMatchObject({ code: 'lxd_unreachable', retryable: true });
      expect(fault.message).toBe('listing instances on web1: connection refused');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('takes a missing forward and a missing ACL for undefined', async () => {
    const { client } = await clientOf(answer(404, failure(404, 'Network forward not found')));
    expect(await client.getForward('lxdbr0', '192.0.2.1')).toBeUndefined();
    expect(await client.getAcl('drawbridge')).toBeUndefined();
  });

  it('does not trust a server that does not trust it', async () => {
    const { client } = await clientOf(answer(200, sync({ auth: 'untrusted', api_extensions: [] })));
    expect(await faultOf(client.getServer())).toMatchObject({ code: 'lxd_unauthorized', retryable: false });
  });

  it('reads again when a kept connection turns out to be closed', async () => {
    const ok = answer(200, sync(blog));
    const { client, server } = await clientOf(inTurn(ok, hangUp, ok));
    await client.getInstance('blog');
    await settled();
    expect((await client.getInstance('blog')).value.name).toBe('blog');
    expect(server.heard).toHaveLength(3);
  });

  it('reads once more only', async () => {
    const { client, server } = await clientOf(inTurn(answer(200, sync(blog)), hangUp));
    await client.getInstance('blog');
    await settled();
    expect(await faultOf(client.getInstance('blog'))).toMatchObject({ code: 'lxd_unreachable' });
    expect(server.heard).toHaveLength(3);
  });

  it('encodes what it puts into paths', async () => {
    const { client, server } = await clientOf(answer(404, failure(404, 'no')));
    await faultOf(client.getInstance('../certificates?x#y'));
    await faultOf(client.readFile('blog', '/etc/a b&c'));
    expect(server.heard.map(({ path }) => path)).toEqual([
      '/1.0/instances/..%2Fcertificates%3Fx%23y',
      '/1.0/instances/blog/files?path=%2Fetc%2Fa+b%26c',
    ]);
  });

  it('ends with the reason of whoever calls it off', async () => {
    const { client } = await clientOf(hang);
    const off = new AbortController();
    const work = client.getInstance('blog', off.signal);
    const reason = new Error('the lock is lost');
    setTimeout(() => off.abort(reason), 20);
    await expect(work).rejects.toBe(reason);
    await expect(client.getInstance('blog', off.signal)).rejects.toBe(reason);
  });

  it('answers everybody when it is closed', async () => {
    const { client } = await clientOf(hang);
    const work = faultOf(client.getInstance('blog'));
    await new Promise((resolve) => setTimeout(resolve, 20));
    await client.close();
    expect(await work).toMatchObject({ code: 'lxd_unreachable' });
  });
});
