/** The way over HTTPS, against a real TLS server: whom it trusts, and that it shows its own certificate. */
import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import { createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createLxdClient, type LxdClient } from '../../src/lxd/client.ts';
import type { HttpsTransport } from '../../src/lxd/transport.ts';
import { faultOf } from './fault-of.ts';
import { sync } from './fault-server.ts';

const noOpenssl = (() => {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return false;
  } catch {
    return true;
  }
})();

describe.skipIf(noOpenssl)(`https${noOpenssl ? ' (needs openssl)' : ''}`, () => {
  let folder: string;
  let server: Server;
  let port: number;
  let shown: string | undefined;
  let requests = 0;
  const clients: LxdClient[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'drawbridge-https-'));
    for (const name of ['server', 'client']) makeCertificate(folder, name);
    const options = {
      key: pem('server.key'),
      cert: pem('server.crt'),
      requestCert: true,
      rejectUnauthorized: false,
    };
    server = createServer(options, (request, response) => {
      requests += 1;
      shown = (request.socket as TLSSocket).getPeerX509Certificate()?.fingerprint256;
      response.end(JSON.stringify(sync([])));
    });
    port = await portOf(server);
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) await client.close();
  });
  afterAll(() => {
    server?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const pem = (name: string): string => readFileSync(join(folder, name), 'utf8');
  const fingerprint = (name: string): string => new X509Certificate(pem(name)).fingerprint256;

  function clientTo(change: Partial<HttpsTransport>): LxdClient {
    const url = `https://127.0.0.1:${port}`;
    const transport = { kind: 'https', url, certificate: pem('client.crt'), key: pem('client.key') } as const;
    const client = createLxdClient({ host: 'web2', transport: { ...transport, ...change }, timeoutMs: 2000 });
    clients.push(client);
    return client;
  }

  it('reaches the pinned server and shows its certificate', async () => {
    const pinned = fingerprint('server.crt');
    expect(await clientTo({ serverFingerprint: pinned }).listInstances()).toEqual([]);
    expect(shown).toBe(fingerprint('client.crt'));
    const asLxdPrintsIt = pinned.replaceAll(':', '').toLowerCase();
    expect(await clientTo({ serverFingerprint: asLxdPrintsIt }).listInstances()).toEqual([]);
  });

  it('trusts no certificate that is not pinned, sends nothing, and says what to pin', async () => {
    const before = requests;
    const fault = await faultOf(clientTo({}).listInstances());
    expect(fault).toMatchObject({ code: 'lxd_host_key', retryable: false });
    const hint = /`server_fingerprint: ([0-9a-f]{64})`/.exec(fault.message)?.[1] ?? '';
    expect(requests).toBe(before);
    expect(await clientTo({ serverFingerprint: hint }).listInstances()).toEqual([]);
  });

  it('does not let another certificate pass', async () => {
    const before = requests;
    const fault = await faultOf(clientTo({ serverFingerprint: 'ab'.repeat(32) }).listInstances());
    expect(fault).toMatchObject({ code: 'lxd_host_key', retryable: false });
    expect(fault.message).toContain(`not the pinned ${'ab'.repeat(32)}`);
    expect(requests).toBe(before);
  });

  it('trusts a certificate of the given authority that is made out to the address, and to it only', async () => {
    expect(await clientTo({ ca: pem('server.crt') }).listInstances()).toEqual([]);
    const elsewhere = { ca: pem('server.crt'), url: `https://localhost:${port}` };
    expect(await faultOf(clientTo(elsewhere).listInstances())).toMatchObject({ code: 'lxd_host_key' });
  });

  it('says that nobody listens', async () => {
    const gone = createTcpServer();
    const free = await portOf(gone);
    await new Promise((resolve) => gone.close(resolve));
    const fault = await faultOf(clientTo({ url: `https://127.0.0.1:${free}` }).listInstances());
    expect(fault).toMatchObject({ code: 'lxd_unreachable', retryable: true });
    expect(fault.message).toContain('connection refused');
  });

  it('says that there is no TLS', async () => {
    const plain = createTcpServer((socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n'));
    try {
      const fault = await faultOf(
        clientTo({ url: `https://127.0.0.1:${await portOf(plain)}` }).listInstances(),
      );
      expect(fault).toMatchObject({ code: 'lxd_unreachable', retryable: true });
    } finally {
      plain.close();
    }
  });
});

function makeCertificate(folder: string, name: string): void {
  const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  const files = ['-keyout', join(folder, `${name}.key`), '-out', join(folder, `${name}.crt`)];
  const words = ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1'];
  execFileSync('openssl', ['req', ...kind, ...words, ...files], { stdio: 'ignore' });
}

function portOf(server: {
  listen(port: number, host: string, done: () => void): unknown;
  address(): unknown;
}) {
  return new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      if (typeof address === 'object' && address !== null && 'port' in address) resolve(Number(address.port));
    });
  });
}
