/** What the client does when changing goes wrong: conflicts, lost answers, vanished operations. Real sockets. */
import { describe, expect, it } from 'vitest';
import type { LxdClient } from '../../src/lxd/client.ts';
import { blog, clientOf, hangUp, inTurn, operation, settled } from './fault-client.ts';
import { faultOf } from './fault-of.ts';
import { answer, failure, started, sync } from './fault-server.ts';

describe('changing', () => {
  const tagged = answer(200, sync({ ...blog, extra: { kept: true } }), { ETag: '"e1"' });

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

  it('that met another change begins anew with what stands there then', async () => {
    const outrun = operation(
      400,
      'Failed to create instance update operation: A matching non-reusable operation has now succeeded',
    );
    const read = answer(200, sync(blog));
    const replies = [read, begin, answer(200, sync(outrun)), read, begin, answer(200, sync(operation(200)))];
    const { client, server } = await clientOf(inTurn(...replies));
    await client.updateInstance('blog', () => ({ config: {} }));
    expect(server.heard).toHaveLength(6);
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
    expect(performance.now() - begun).toBeLessThan(10_000);
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
