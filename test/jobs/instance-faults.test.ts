/** An LXD that misbehaves, and people who change things meanwhile, while something is done with an instance. On the sandbox, behind a gate. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLxdClient, type LxdClient } from '../../src/lxd/client.ts';
import { createSandboxHost, type SandboxHost } from '../../src/sandbox/lxd/lxd-host.ts';
import { type Gate, type GateCall, type GateDeed, openGate } from '../stage/lxd-gate.ts';
import { type Backstage, openBackstage } from './backstage.ts';

describe('an instance on a host that misbehaves', () => {
  let folder = '';
  let host: SandboxHost;
  let gate: Gate;
  let back: Backstage;
  let client: LxdClient;
  let deed: (call: GateCall) => GateDeed;
  let afterwards: (call: GateCall) => GateDeed;

  beforeEach(async () => {
    deed = () => 'pass';
    afterwards = () => 'pass';
    folder = mkdtempSync(join(tmpdir(), 'db-ill-'));
    const [target, socket] = [join(folder, 'lxd.sock'), join(folder, 'gate.sock')];
    host = createSandboxHost({
      socket: target,
      publicAddress: '127.0.0.1',
      log: { info() {}, warn() {}, error() {} },
    });
    await host.start();
    gate = await openGate({
      socket,
      target,
      before: (call) => deed(call),
      after: (call) => afterwards(call),
    });
    client = createLxdClient({ host: 'box', transport: { kind: 'unix', socket: target } });
    back = await openBackstage({ box: { unix: socket, public_address: '127.0.0.1' } });
    await back.work();
  });
  afterEach(async () => {
    await back.close();
    await gate.close();
    await client.close();
    await host.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const did = async (text: string) => back.ended(await back.ask(text));
  const names = async () => (await client.listInstances()).map(({ name }) => name);

  it('that cannot start what it made: what was made is taken back', async () => {
    deed = ({ path }) => (path.endsWith('/state') ? 'notFound' : 'pass');
    const record = await did('launch debian/12 fresh');
    expect(record.outcome).toMatchObject({ kind: 'failed', left: [] });
    expect(record.steps).toEqual(['undone', 'failed']);
    expect(await names()).not.toContain('fresh');
  });

  it('that loses the answer to the making: there is one instance all the same', async () => {
    let lost = false;
    afterwards = ({ path }) => {
      if (lost || !path.endsWith('/instances')) return 'pass';
      lost = true;
      return 'garbage';
    };
    expect((await did('launch debian/12 fresh')).outcome).toMatchObject({ kind: 'done' });
    expect((await names()).filter((name) => name === 'fresh')).toHaveLength(1);
  });

  it('that gives the name to somebody else: theirs is left alone', async () => {
    let theirs: Promise<void> | undefined;
    deed = ({ path }) => {
      if (!path.endsWith('/instances')) return 'pass';
      const source = { alias: 'debian/12' };
      theirs ??= client.createInstance({ name: 'fresh', source, config: { 'user.theirs': '1' } });
      return 'garbage';
    };
    const record = await did('launch debian/12 fresh');
    expect(record.outcome).toMatchObject({
      kind: 'failed',
      message: expect.stringContaining('from somebody else'),
      left: [],
    });
    await theirs;
    expect((await client.getInstance('fresh')).value.config['user.theirs']).toBe('1');
  });

  it('that cannot restore: what ran runs again', async () => {
    await did('snapshot blog before');
    deed = ({ method, path }) => (method === 'PUT' && path.endsWith('/instances/blog') ? 'notFound' : 'pass');
    const id = await back.ask('restore blog');
    await back.approve(id);
    const record = await back.ended(id);
    expect(record.outcome).toMatchObject({ kind: 'failed', left: [] });
    expect((await client.getInstanceState('blog')).status).toBe('Running');
  });

  it('asks again about a deletion when a door was opened meanwhile, and refuses it when the instance is gone', async () => {
    const id = await back.ask('delete blog');
    await expect
      .poll(async () => (await back.records.requests.get(id))?.state, { timeout: 10_000 })
      .toBe('waiting');
    await did('expose blog 80 as 18701');
    await back.approve(id);
    await expect
      .poll(async () => (await back.records.requests.get(id))?.changed, { timeout: 10_000 })
      .toEqual([
        expect.stringContaining('new: remove the forward of 127.0.0.1:18701'),
        expect.stringContaining('new: no longer keep blog'),
      ]);
    await did('unexpose blog 80');
    await client.stopInstance('blog');
    await client.deleteInstance('blog');
    await back.approve(id);
    expect((await back.ended(id)).outcome).toMatchObject({ kind: 'refused', reason: 'not_found' });
  });

  it('lets one of two requests about an instance wait for the other', async () => {
    const ids = await Promise.all(['a', 'b', 'c'].map((name) => back.ask(`snapshot blog ${name}`)));
    const records = await Promise.all(ids.map((id) => back.ended(id)));
    expect(records.map(({ outcome }) => outcome?.kind)).toEqual(['done', 'done', 'done']);
    expect((await client.listSnapshots('blog')).map(({ name }) => name).sort()).toEqual(['a', 'b', 'c']);
  });
});
