/** The way through SSH, against a real sshd: whom it trusts, and what it does when the connection is lost. */
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createLxdClient, type LxdClient } from '../../src/lxd/client.ts';
import { openSsh } from '../../src/lxd/ssh.ts';
import type { SshTransport } from '../../src/lxd/transport.ts';
import { faultOf } from './fault-of.ts';
import { answer, type FaultServer, type Reply, startFaultServer, sync } from './fault-server.ts';
import { fingerprintOf, makeKey, noSshd, type SshServer, startSshServer } from './ssh-server.ts';

const instances = answer(200, sync([{ name: 'blog', type: 'container', status: 'Running' }]));

describe.skipIf(noSshd !== undefined)(`ssh${noSshd === undefined ? '' : ` (${noSshd})`}`, () => {
  let sshd: SshServer;
  let lxd: FaultServer;
  let reply: Reply = instances;
  const clients: LxdClient[] = [];

  beforeAll(async () => {
    lxd = await startFaultServer((socket, heard) => reply(socket, heard));
    sshd = await startSshServer();
  });
  afterEach(async () => {
    reply = instances;
    for (const client of clients.splice(0)) await client.close();
  });
  afterAll(async () => {
    await sshd?.stop();
    await lxd?.stop();
  });

  function clientTo(change: Partial<SshTransport> = {}): LxdClient {
    const { port, user, privateKey, hostKey } = sshd;
    const base = { kind: 'ssh', address: '127.0.0.1', port, user, privateKey, hostKey } as const;
    const transport = { ...base, socket: lxd.socket, ...change };
    const client = createLxdClient({ host: 'web1', transport, timeoutMs: 5000 });
    clients.push(client);
    return client;
  }

  const names = async (client: LxdClient) => (await client.listInstances()).map(({ name }) => name);
  const logins = () => sshd.log().split('Accepted publickey').length - 1;

  it('reaches LXD with the pinned host key, whichever way its end is written', async () => {
    expect(await names(clientTo())).toEqual(['blog']);
    expect(await names(clientTo({ hostKey: `${sshd.hostKey}=` }))).toEqual(['blog']);
  });

  it('trusts no key that is not pinned, and says what to pin', async () => {
    const before = logins();
    const fault = await faultOf(clientTo({ hostKey: undefined }).listInstances());
    expect(fault).toMatchObject({ code: 'lxd_host_key', retryable: false });
    expect(fault.message).toMatch(/^listing instances on web1: no host key is pinned for 127\.0\.0\.1:\d+/);
    const hint = /`host_key: (SHA256:[^`]+)`/.exec(fault.message)?.[1];
    expect(hint).toBe(sshd.hostKey);
    expect(await names(clientTo({ hostKey: hint }))).toEqual(['blog']);
    expect(logins()).toBe(before + 1);
  });

  it('does not let a changed key pass, nor tries to log in', async () => {
    const before = logins();
    const other = fingerprintOf(makeKey(join(sshd.folder, 'other')));
    const fault = await faultOf(clientTo({ hostKey: other }).listInstances());
    expect(fault).toMatchObject({ code: 'lxd_host_key', retryable: false });
    expect(fault.message).toContain(`shows the host key ${sshd.hostKey}, not the pinned ${other}`);
    expect(logins()).toBe(before);
  });

  it('shares one connection among calls that come at once', async () => {
    const before = logins();
    const client = clientTo();
    await Promise.all(Array.from({ length: 20 }, () => names(client)));
    expect(logins()).toBe(before + 1);
  });

  it('connects anew after the session was killed', async () => {
    const before = logins();
    const client = clientTo();
    await names(client);
    sshd.signalSessions('SIGKILL');
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(await names(client)).toEqual(['blog']);
    expect(logins()).toBe(before + 2);
  });

  it('answers whoever waits while the session is killed, and the next one', async () => {
    const client = clientTo();
    await names(client);
    reply = () => {};
    const waiting = faultOf(client.patchInstance('blog', { config: {} }));
    await new Promise((resolve) => setTimeout(resolve, 100));
    sshd.signalSessions('SIGKILL');
    expect(await waiting).toMatchObject({ code: 'lxd_unreachable', retryable: true });
    reply = instances;
    expect(await names(client)).toEqual(['blog']);
  });

  it('notices a frozen connection by its silence', async () => {
    const client = clientTo({ keepalive: { everyMs: 100, times: 3 } });
    await names(client);
    const before = logins();
    sshd.signalSessions('SIGSTOP');
    const begun = performance.now();
    const fault = await faultOf(client.patchInstance('blog', { config: {} }));
    expect(fault).toMatchObject({ code: 'lxd_unreachable', retryable: true });
    expect(performance.now() - begun).toBeLessThan(10_000);
    expect(await names(client)).toEqual(['blog']);
    expect(logins()).toBe(before + 1);
  });

  it('says both things it can mean when the socket is not opened', async () => {
    const missing = await faultOf(clientTo({ socket: '/nonexistent/lxd.sock' }).listInstances());
    const strict = await startSshServer({ restrict: 'restrict' });
    try {
      const { port, privateKey, hostKey } = strict;
      const forbidden = await faultOf(clientTo({ port, privateKey, hostKey }).listInstances());
      for (const fault of [missing, forbidden]) {
        expect(fault.code).toBe('lxd_unreachable');
        expect(fault.message).toMatch(/LXD's socket is not there.*or sshd forbids it.*port-forwarding/);
      }
    } finally {
      await strict.stop();
    }
  });

  it('needs no more than the right to open that one socket', async () => {
    const restrict = `restrict,port-forwarding,permitopen="[${lxd.socket}]:*",command="/bin/false"`;
    const strict = await startSshServer({ restrict });
    try {
      const { port, privateKey, hostKey } = strict;
      expect(await names(clientTo({ port, privateKey, hostKey }))).toEqual(['blog']);
    } finally {
      await strict.stop();
    }
  });

  it('gets no other socket and no program by that right', async () => {
    const other = await startFaultServer((socket, heard) => reply(socket, heard));
    const restrict = `restrict,port-forwarding,permitopen="[${lxd.socket}]:*",command="/bin/false"`;
    const strict = await startSshServer({ restrict });
    const { port, user, privateKey, hostKey } = strict;
    const base = { kind: 'ssh', address: '127.0.0.1', port, user, privateKey, hostKey } as const;
    const shell = openSsh({ ...base, socket: lxd.socket });
    try {
      const fault = await faultOf(clientTo({ ...base, socket: other.socket }).listInstances());
      expect(fault).toMatchObject({ code: 'lxd_unreachable' });
      expect(other.heard).toEqual([]);
      const made = join(strict.folder, 'made-by-it');
      expect(await shell.run(`touch ${made}`, '')).toMatchObject({ code: 1 });
      expect(existsSync(made)).toBe(false);
    } finally {
      shell.close();
      await strict.stop();
      await other.stop();
    }
  });

  it('stops listening to a program that says things without end', async () => {
    const loud = await startSshServer({ restrict: 'command="yes"' });
    const { port, user, privateKey, hostKey } = loud;
    const shell = openSsh({
      kind: 'ssh',
      address: '127.0.0.1',
      port,
      user,
      privateKey,
      hostKey,
      socket: lxd.socket,
    });
    try {
      const before = process.memoryUsage().rss;
      await expect(shell.run('anything', '')).rejects.toThrow('far too much');
      expect(process.memoryUsage().rss - before).toBeLessThan(400_000_000);
    } finally {
      shell.close();
      await loud.stop();
    }
  });

  it('says that it is not let in', async () => {
    const stranger = makeKey(join(sshd.folder, 'stranger'));
    const fault = await faultOf(clientTo({ privateKey: readFileSync(stranger, 'utf8') }).listInstances());
    expect(fault).toMatchObject({ code: 'lxd_unauthorized', retryable: false });
    expect(fault.message).toContain(`does not let ${sshd.user} in`);
  });

  it('says that the key is none', async () => {
    const fault = await faultOf(clientTo({ privateKey: 'hello' }).listInstances());
    expect(fault).toMatchObject({ code: 'lxd_unauthorized', retryable: false });
    expect(fault.message).toContain('the SSH key cannot be used');
    expect(fault.message).not.toContain('hello');
  });

  it('says that nobody listens', async () => {
    const gone = await startSshServer();
    await gone.stop();
    const fault = await faultOf(clientTo({ port: gone.port }).listInstances());
    expect(fault).toMatchObject({ code: 'lxd_unreachable', retryable: true });
    expect(fault.message).toContain('connection refused');
  });

  it('does not wait for ever for a host that is silent', async () => {
    const silent = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => silent.once('listening', resolve));
    const address = silent.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    try {
      const { user, privateKey, hostKey } = sshd;
      const transport = {
        kind: 'ssh',
        address: '127.0.0.1',
        port,
        user,
        privateKey,
        hostKey,
        socket: '/x',
      } as const;
      const client = createLxdClient({ host: 'web1', transport, timeoutMs: 300 });
      clients.push(client);
      expect(await faultOf(client.listInstances())).toMatchObject({ code: 'lxd_timeout', retryable: true });
    } finally {
      silent.close();
    }
  });
});
