/** The ways to a real LXD 5.0.2: HTTPS with a pinned certificate, SSH with a key that may do nothing else, its own socket. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { createLxdClient, type LxdClient } from '../../src/lxd/client.ts';
import type { HttpsTransport, LxdTransportConfig } from '../../src/lxd/transport.ts';
import { describeLab } from '../lab/describe-lab.ts';
import { faultOf } from './fault-of.ts';

describeLab('The ways to LXD', ({ hosts: { web1, web2 } }) => {
  const clients: LxdClient[] = [];
  afterEach(async () => {
    for (const client of clients.splice(0)) await client.close();
  });

  const text = (file: string): string => readFileSync(file, 'utf8');
  const { url, certFile, keyFile, serverCertFingerprint, serverCertFile } = web2.https;
  const https: HttpsTransport = { kind: 'https', url, certificate: text(certFile), key: text(keyFile) };
  const pinned: HttpsTransport = { ...https, serverFingerprint: serverCertFingerprint };
  const ssh: LxdTransportConfig = {
    kind: 'ssh',
    address: web1.address,
    port: web1.ssh.port,
    user: web1.ssh.user,
    privateKey: text(web1.ssh.keyFile),
    hostKey: web1.ssh.hostKeyFingerprint,
    socket: web1.socket,
  };

  function clientOver(transport: LxdTransportConfig): LxdClient {
    const client = createLxdClient({ host: 'lab', transport });
    clients.push(client);
    return client;
  }

  it.each([
    ['its socket', { kind: 'unix', socket: web1.socket } as const, 'blog'],
    ['ssh', ssh, 'blog'],
    ['https', pinned, 'shop'],
  ])('work the same over %s', async (_way, transport, instance) => {
    const client = clientOver(transport);
    const { auth, environment, api_extensions } = await client.getServer();
    expect({ auth, server: environment.server }).toEqual({ auth: 'trusted', server: 'lxd' });
    expect(api_extensions).toContain('network_forward');
    expect((await client.listInstances()).map(({ name }) => name)).toContain(instance);
    expect(await client.readFile(instance, '/etc/group')).toBe('root:x:0:\n');
    expect(await client.exec(instance, ['hostname'])).toEqual({ exitCode: 0, stdout: `${instance}\n` });
    expect(await client.exec(instance, ['nosuch'])).toEqual({ exitCode: 127, stdout: '' });
    expect(await faultOf(client.getInstance('nosuch'))).toMatchObject({ code: 'lxd_not_found' });
  });

  it('refuse a change that was made for what stood there before', async () => {
    const client = clientOver(pinned);
    const { etag } = await client.getInstance('shop');
    const mark = (value: string) => client.patchInstance('shop', { config: { 'user.test': value } }, etag);
    try {
      await mark('first');
      expect(await faultOf(mark('second'))).toMatchObject({ code: 'lxd_changed', retryable: false });
      expect((await client.getInstance('shop')).value.config['user.test']).toBe('first');
    } finally {
      await client.updateInstance('shop', ({ config: { 'user.test': _test, ...config } }) => ({ config }));
    }
  });

  it('leave no recorded output behind', async () => {
    const client = clientOver({ kind: 'unix', socket: web1.socket });
    const records = () =>
      execFileSync('find', [join(web1.lxdDir, 'logs', 'blog'), '-name', 'exec_*']).toString();
    const before = records();
    await client.exec('blog', ['cat', '/proc/net/tcp6']);
    await client.exec('blog', ['nosuch']);
    expect(records()).toBe(before);
  });

  it('want the server certificate pinned, or given as the authority and made out to the address', async () => {
    const fault = await faultOf(clientOver(https).listInstances());
    expect(fault.code).toBe('lxd_host_key');
    expect(fault.message).toContain(`\`server_fingerprint: ${serverCertFingerprint}\``);
    // LXD makes its certificate out to the names and addresses that the host had when it first started.
    const byAuthority = clientOver({ ...https, ca: text(serverCertFile) }).listInstances();
    await byAuthority.catch((error) => expect(error).toMatchObject({ code: 'lxd_host_key' }));
  });

  it('say that LXD does not trust a certificate', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'drawbridge-stranger-'));
    const [key, certificate] = [join(folder, 'key'), join(folder, 'crt')];
    const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    const files = ['-keyout', key, '-out', certificate];
    execFileSync('openssl', ['req', ...kind, '-subj', '/CN=stranger', ...files], { stdio: 'ignore' });
    const stranger = { ...pinned, key: text(key), certificate: text(certificate) };
    rmSync(folder, { recursive: true });
    for (const work of [clientOver(stranger).getServer(), clientOver(stranger).listInstances()])
      expect(await faultOf(work)).toMatchObject({ code: 'lxd_unauthorized', retryable: false });
  });

  it('say which host key to pin', async () => {
    const fault = await faultOf(clientOver({ ...ssh, hostKey: undefined }).listInstances());
    expect(fault.code).toBe('lxd_host_key');
    expect(fault.message).toContain(`\`host_key: ${web1.ssh.hostKeyFingerprint}\``);
  });
});
