/** What the client makes of an LXD that misbehaves. Real sockets; the server's side is in fault-server.ts. */
import { createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { type Fault, type FaultCode, isFault } from '../../src/errors.ts';
import { createLxdClient, type LxdClient } from '../../src/lxd/client.ts';
import {
  answer,
  type FaultServer,
  failure,
  httpText,
  type Reply,
  started,
  startFaultServer,
  sync,
} from './fault-server.ts';

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function clientOf(reply: Reply): Promise<{ client: LxdClient; server: FaultServer }> {
  const server = await startFaultServer(reply);
  ends.push(server.stop);
  return { client: clientAt(server.socket), server };
}

function clientAt(socket: string): LxdClient {
  const transport = { kind: 'unix', socket } as const;
  const client = createLxdClient({ host: 'web1', transport, timeoutMs: 300, operationTimeoutMs: 1000 });
  ends.push(() => client.close());
  return client;
}

async function faultOf(work: Promise<unknown>): Promise<Fault> {
  const error = await work.then(
    () => 'it went well',
    (thrown: unknown) => thrown,
  );
  if (!isFault(error)) throw new Error(`no fault: ${String(error)}`);
  return error;
}

const instance = { name: 'blog', type: 'container', status: 'Running', config: {}, devices: {} };
const operation = (status_code: number, err = '') => ({ id: 'op1', status: 'x', status_code, err });

/** Replies in turn; the last one again and again. */
function inTurn(...replies: Reply[]): Reply {
  let turn = 0;
  return (socket, heard) => {
    const reply = replies[Math.min(turn, replies.length - 1)];
    turn += 1;
    reply?.(socket, heard);
  };
}

/** Time for the pool to take a connection back, so that the next call uses the same one. */
const settled = () => new Promise((resolve) => setTimeout(resolve, 20));

const hang: Reply = () => {};
const hangUp: Reply = (socket) => socket.destroy();

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
    expect(performance.now() - begun).toBeLessThan(1500);
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
    const server = await startFaultServer(hang);
    const second = createServer();
    const path = `${server.socket}2`;
    // A socket file whose owner died: node removes its own on close, so the file is kept by a hard link.
    await new Promise<void>((resolve) => second.listen(path, resolve));
    const { linkSync } = await import('node:fs');
    linkSync(path, `${path}-left`);
    await new Promise((resolve) => second.close(resolve));
    ends.push(server.stop);
    const fault = await faultOf(clientAt(`${path}-left`).listInstances());
    expect(fault).toMatchObject({ code: 'lxd_unreachable', retryable: true });
    expect(fault.message).toBe('listing instances on web1: connection refused');
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
    const ok = answer(200, sync(instance));
    const { client, server } = await clientOf(inTurn(ok, hangUp, ok));
    await client.getInstance('blog');
    await settled();
    expect((await client.getInstance('blog')).value.name).toBe('blog');
    expect(server.heard).toHaveLength(3);
  });

  it('reads once more only', async () => {
    const { client, server } = await clientOf(inTurn(answer(200, sync(instance)), hangUp));
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

describe('changing', () => {
  const tagged = answer(200, sync({ ...instance, extra: { kept: true } }), { ETag: '"e1"' });

  it('is never tried twice when the connection breaks', async () => {
    const { client, server } = await clientOf(inTurn(tagged, hangUp));
    await client.getInstance('blog');
    await settled();
    const fault = await faultOf(client.patchInstance('blog', { config: { a: 'b' } }));
    expect(fault).toMatchObject({ code: 'lxd_unreachable', retryable: true });
    expect(fault.message).toMatch(/^changing instance blog on web1: /);
    expect(server.heard).toHaveLength(2);
  });

  it('writes unknown fields back with the ETag it read', async () => {
    const { client, server } = await clientOf(inTurn(tagged, answer(200, sync({}))));
    await client.updateInstance('blog', () => ({ config: { a: 'b' } }));
    const put = server.heard[1];
    expect(put?.headers).toContain('if-match: "e1"');
    expect(JSON.parse(put?.body ?? '')).toMatchObject({ config: { a: 'b' }, extra: { kept: true } });
  });

  it('writes nothing when there is nothing to do', async () => {
    const { client, server } = await clientOf(tagged);
    await client.updateInstance('blog', () => undefined);
    expect(server.heard.map(({ method }) => method)).toEqual(['GET']);
  });

  it('reads anew when somebody else was faster, thrice here', async () => {
    const changed = answer(412, failure(412, 'ETag does not match'));
    const replies = [tagged, changed, tagged, changed, tagged, changed, tagged, answer(200, sync({}))];
    const { client, server } = await clientOf(inTurn(...replies));
    let asked = 0;
    await client.updateInstance('blog', () => {
      asked += 1;
      return { config: {} };
    });
    expect([asked, server.heard.length]).toEqual([4, 8]);
  });

  it('gives up after the fifth time, as something that may be tried later', async () => {
    const { client, server } = await clientOf((socket, heard) =>
      (heard.method === 'GET' ? tagged : answer(412, failure(412, 'ETag does not match')))(socket, heard),
    );
    const fault = await faultOf(client.updateInstance('blog', () => ({ config: {} })));
    expect(fault).toMatchObject({ code: 'lxd_changed', retryable: true });
    expect(server.heard).toHaveLength(10);
  });

  it('does not offer to retry a change with an ETag that will never fit', async () => {
    const { client } = await clientOf(answer(412, failure(412, 'ETag does not match')));
    const fault = await faultOf(client.patchInstance('blog', {}, '"old"'));
    expect(fault).toMatchObject({ code: 'lxd_changed', retryable: false });
  });

  it('takes 200, 201 and 202 for an answer alike', async () => {
    const forward = { listen_address: '192.0.2.1', description: '', config: {}, ports: [] };
    for (const reply of [answer(200, sync({})), answer(201, sync(null))]) {
      const { client } = await clientOf(reply);
      await client.createForward('lxdbr0', forward);
    }
    const { client, server } = await clientOf(
      inTurn(answer(202, started('op1')), answer(200, sync(operation(200)))),
    );
    await client.createForward('lxdbr0', forward);
    expect(server.heard[1]?.path).toBe('/1.0/operations/op1/wait?timeout=1');
  });
});

describe('an operation', () => {
  const change = (client: LxdClient) => client.patchInstance('blog', { config: {} });
  const begin = answer(202, started('op1'));

  it('that vanished is over', async () => {
    const { client } = await clientOf(inTurn(begin, answer(404, failure(404, 'Operation not found'))));
    await change(client);
  });

  it('that broke says why and may be tried again', async () => {
    const { client } = await clientOf(inTurn(begin, answer(200, sync(operation(400, 'dnsmasq fell over')))));
    const fault = await faultOf(change(client));
    expect(fault).toMatchObject({ code: 'lxd_failed', retryable: true });
    expect(fault.message).toBe('changing instance blog on web1: dnsmasq fell over');
  });

  it('that was refused says why', async () => {
    const { client } = await clientOf(inTurn(begin, answer(200, sync(operation(400, 'Invalid devices: x')))));
    expect(await faultOf(change(client))).toMatchObject({ code: 'lxd_refused', retryable: false });
  });

  it('that was cancelled is not done', async () => {
    const { client } = await clientOf(inTurn(begin, answer(200, sync(operation(401)))));
    expect(await faultOf(change(client))).toMatchObject({ code: 'lxd_failed' });
  });

  it('that does not end is given up', async () => {
    const { client } = await clientOf(
      inTurn(begin, (socket, heard) =>
        setTimeout(() => answer(200, sync(operation(103)))(socket, heard), 400),
      ),
    );
    const begun = performance.now();
    const fault = await faultOf(change(client));
    expect(fault).toMatchObject({ code: 'lxd_timeout', retryable: true });
    expect(fault.message).toContain('LXD is still at it after 1 s');
    expect(performance.now() - begun).toBeLessThan(2500);
  });

  it('whose wait is cut off says so, for the change may have happened', async () => {
    const { client } = await clientOf(inTurn(begin, hangUp));
    expect(await faultOf(change(client))).toMatchObject({ code: 'lxd_unreachable', retryable: true });
  });

  it('of another shape is not believed', async () => {
    const { client } = await clientOf(answer(202, { ...started('op1'), operation: '/1.0/instances/blog' }));
    expect(await faultOf(change(client))).toMatchObject({ code: 'lxd_garbled' });
  });
});

describe('running a command', () => {
  const log = '/1.0/instances/blog/logs/exec_op1.stdout';
  const done = (metadata: object | null, status = 200) =>
    answer(200, sync({ ...operation(status, status === 200 ? '' : 'Command not found'), metadata }));

  function scripted(metadata: object | null, status?: number): Reply {
    return (socket, heard) => {
      const { method, path } = heard;
      if (path.endsWith('/exec')) return answer(202, started('op1'))(socket, heard);
      if (path.includes('/wait')) return done(metadata, status)(socket, heard);
      if (method === 'GET') return socket.write(httpText(200, 'hello\n'));
      return answer(500, failure(500, 'no'))(socket, heard);
    };
  }

  it('gives its output, also when the record cannot be removed', async () => {
    const { client, server } = await clientOf(scripted({ return: 3, output: { '1': log } }));
    expect(await client.exec('blog', ['cat', '/x y'])).toEqual({ exitCode: 3, stdout: 'hello\n' });
    expect(JSON.parse(server.heard[0]?.body ?? '')).toMatchObject({
      command: ['cat', '/x y'],
      'record-output': true,
    });
    expect(server.heard.at(-1)).toMatchObject({ method: 'DELETE', path: log });
  });

  it('gives 127 where there is no such command', async () => {
    const { client } = await clientOf(scripted({ return: 127, output: {} }, 400));
    expect(await client.exec('blog', ['nosuch'])).toEqual({ exitCode: 127, stdout: '' });
  });

  it('does not read from anywhere but LXD', async () => {
    const { client, server } = await clientOf(scripted({ return: 0, output: { '1': 'http://elsewhere/' } }));
    expect(await client.exec('blog', ['true'])).toEqual({ exitCode: 0, stdout: '' });
    expect(server.heard).toHaveLength(2);
  });

  it('says when the result got lost', async () => {
    const { client } = await clientOf(inTurn(answer(202, started('op1')), answer(404, failure(404, 'gone'))));
    expect(await faultOf(client.exec('blog', ['true']))).toMatchObject({
      code: 'lxd_failed',
      retryable: true,
    });
  });
});
