/** What the client makes of commands whose results go astray. Real sockets. */
import { describe, expect, it } from 'vitest';
import { clientOf, inTurn, operation } from './fault-client.ts';
import { faultOf } from './fault-of.ts';
import { answer, failure, httpText, type Reply, started, sync } from './fault-server.ts';

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
