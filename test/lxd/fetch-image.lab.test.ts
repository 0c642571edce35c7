/** An instance from an image that LXD first fetches from a simplestreams server, and what it tells meanwhile. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createLxdClient, type LxdClient } from '../../src/lxd/client.ts';
import { describeLab } from '../lab/describe-lab.ts';
import { lxc } from '../lab/lab.ts';
import { type ImageServer, startImageServer } from '../stage/image-server.ts';
import { faultOf } from './fault-of.ts';

describeLab('an image of a server', (lab) => {
  const { web2 } = lab.hosts;
  const name = 'c-fetched';
  let server: ImageServer;
  let client: LxdClient;
  let folder = '';

  beforeAll(async () => {
    // Packed, it is another image to LXD than the one it has.
    folder = mkdtempSync(join(tmpdir(), 'db-image-'));
    const file = join(folder, 'image.tar.gz');
    writeFileSync(file, gzipSync(readFileSync(join(lab.dir, 'image.tar')), { level: 1 }));
    server = await startImageServer({ address: lab.ownAddress, aliases: 'lab/1,lab/1/default', file });
    client = createLxdClient({ host: 'web2', transport: { kind: 'unix', socket: web2.socket } });
  });
  afterAll(async () => {
    await lxc(web2, 'delete', '--force', name).catch(() => {});
    for (const { fingerprint, aliases } of await client.listImages())
      if (aliases.length === 0) await lxc(web2, 'image', 'delete', fingerprint).catch(() => {});
    await client.close();
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('is fetched, unpacked and started', async () => {
    const said: string[] = [];
    const source = { server: server.url, alias: 'lab/1' };
    await client.createInstance({ name, source, config: {} }, (text) => void said.push(text));
    await client.startInstance(name);
    expect((await client.getInstance(name)).value.config).toMatchObject({ 'image.release': '1' });
    expect(server.asked).toContain('/images/one.tar');
    for (const text of said)
      expect(text).toMatch(/^(Unpack|metadata|rootfs|Retrieving image|Download\w*): ?/i);
  });

  it('that the server has not is refused, and one of a server that does not answer may come later', async () => {
    const missing = { server: server.url, alias: 'lab/2' };
    expect(await faultOf(client.createInstance({ name: 'c-no', source: missing, config: {} }))).toMatchObject(
      {
        code: 'lxd_refused',
        retryable: false,
      },
    );
    const silent = { server: `http://${lab.ownAddress}:1`, alias: 'lab/1' };
    expect(await faultOf(client.createInstance({ name: 'c-no', source: silent, config: {} }))).toMatchObject({
      code: 'lxd_failed',
      retryable: true,
    });
  });
});
