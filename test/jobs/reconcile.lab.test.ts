/** Somebody works by hand on real LXD hosts: what they do to a door is noted by LXD's own events, named, and mended. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { DifferenceName } from '../../src/core/differences/difference.ts';
import type { Door } from '../../src/core/record.ts';
import { createLxdClient, type LxdClient, type LxdForward } from '../../src/lxd/client.ts';
import { sshHost } from '../bench/ssh-host.ts';
import { describeLab } from '../lab/describe-lab.ts';
import { instanceAddress, launchInstance, lxc } from '../lab/lab.ts';
import { curl } from '../stage/curl.ts';
import { startRedis, type TestRedis } from '../stage/start-redis.ts';
import { until } from '../stage/until.ts';
import { type Backstage, openBackstage } from './backstage.ts';

describeLab('doors on a real LXD on which somebody works by hand', (lab) => {
  const { web1, web2 } = lab.hosts;
  const name = 'recon-blog';
  const port = 9_750;
  let redis: TestRedis;
  let hand: LxdClient;
  let back: Backstage;

  beforeAll(async () => {
    redis = await startRedis();
    hand = createLxdClient({ host: 'web1', transport: { kind: 'unix', socket: web1.socket } });
  });
  afterAll(async () => {
    await hand.close();
    await redis.stop();
  });
  beforeEach(async () => {
    await launchInstance(web1, name);
    const hosts = { web1: sshHost(web1), web2: sshHost(web2) };
    back = await openBackstage(hosts, redis, undefined, undefined, { reconcile: { every: '1d' } });
    await back.work();
    await until(() => back.records.differences.lastPass(), 'the first pass of the worker');
  });
  afterEach(async () => {
    await back.ended(await back.ask('panic', 'U0BOB'));
    await back.close();
    for (const host of [web1, web2]) await lxc(host, 'delete', '--force', name).catch(() => {});
    const left = await hand.getForward(web1.bridge, web1.address);
    if (left?.description === 'mine') await hand.deleteForward(web1.bridge, web1.address);
  });

  async function open(text = `expose web1/${name} 80 as ${port}`): Promise<Door> {
    const id = await done(text);
    return (await back.records.doors.list()).find(({ request }) => request === id) ?? expect.fail('no door');
  }
  async function done(text: string): Promise<string> {
    const id = await back.ask(text);
    expect((await back.ended(id)).outcome).toMatchObject({ kind: 'done' });
    return id;
  }
  const noted = (...names: DifferenceName[]) =>
    until(
      async () => {
        const all = (await back.records.differences.list()).filter(({ door }) => door.instance === name);
        return all.map((each) => each.name).join() === names.join() ? all : undefined;
      },
      `to be noted: ${names.join() || 'nothing'}`,
      30_000,
    );
  const forward = async (): Promise<LxdForward> =>
    (await hand.getForward(web1.bridge, web1.address)) ?? expect.fail('no forward');
  const edit = async (change: (own: LxdForward['ports'][number]) => LxdForward['ports']) => {
    const { ports, ...rest } = await forward();
    const all = ports.flatMap((each) => (each.listen_port === String(port) ? change(each) : [each]));
    await hand.putForward(web1.bridge, web1.address, { ...rest, ports: all });
  };
  const answers = async (): Promise<boolean> =>
    (await curl(`http://${web1.address}:${port}/`)).body.includes(name);

  it('a forward and a source filter that were removed are put again', async () => {
    await open(`expose web1/${name} 80 as ${port} from ${lab.ownAddress}/32`);
    await edit(() => []);
    await hand.updateAcl('drawbridge', (acl) => ({ ...acl, ingress: [] }));
    const [found] = await noted('rule_removed');
    expect(found?.detail).toMatch(/source filter.*forward/);
    await done(`repair web1/${name} 80`);
    await noted();
    expect(await answers()).toBe(true);
  });

  it('a forward that was edited is put right, or taken in', async () => {
    const opened = await open();
    await edit((own) => [{ ...own, target_port: '81' }]);
    await noted('rule_edited');
    await done(`repair web1/${name} 80`);
    await noted();
    expect(await answers()).toBe(true);
    await edit((own) => [{ ...own, listen_port: String(port + 1) }]);
    await noted('rule_edited');
    await done(`adopt web1/${name} 80`);
    await noted();
    expect(await back.records.doors.get(opened.id)).toMatchObject({ publicPort: port + 1 });
  });

  it('an instance that is stopped is marked, and one with another address followed when somebody says so', async () => {
    await open();
    await hand.stopInstance(name);
    await noted('stopped');
    const before = await pinOf();
    const other = before.replace(/\d+$/, (last) => String(Number(last) === 199 ? 198 : 199));
    await hand.updateInstance(name, ({ config, devices }) => ({
      config,
      devices: { ...devices, eth0: { ...devices.eth0, 'ipv4.address': other } },
    }));
    await hand.startInstance(name);
    expect(await instanceAddress(web1, name)).toBe(other);
    // LXD tells of the start before there is a lease.
    await back.queues.reconcile({ host: 'web1' });
    await noted('readdressed');
    await done(`repair web1/${name} 80`);
    await noted();
    expect(await answers()).toBe(true);
  });

  async function pinOf(): Promise<string> {
    const found = (await hand.listInstances()).find((each) => each.name === name);
    return found?.devices.eth0?.['ipv4.address'] ?? expect.fail('no pin');
  }

  it('what somebody put in its place is named, and left alone', async () => {
    await open();
    const [target_address] = (await forward()).ports.map((each) => each.target_address);
    await hand.deleteForward(web1.bridge, web1.address);
    const foreign = {
      protocol: 'tcp',
      listen_port: String(port),
      target_address,
      target_port: '80',
      description: '',
    };
    const made = { listen_address: web1.address, description: 'mine', config: {}, ports: [foreign] };
    await hand.createForward(web1.bridge, made as LxdForward);
    await noted('foreign_in_the_way');
    const repair = await back.ended(await back.ask(`repair web1/${name} 80`));
    expect(repair.outcome).toMatchObject({ kind: 'refused' });
    expect(await forward()).toMatchObject({ description: 'mine', ports: [{ listen_port: String(port) }] });
  });

  it('an orphan that should not stand is closed', async () => {
    const opened = await open();
    await back.records.doors.remove(opened.id);
    await back.queues.reconcile({ host: 'web1' });
    const gone = async () => {
      const all = (await hand.getForward(web1.bridge, web1.address))?.ports ?? [];
      return all.every(({ listen_port }) => listen_port !== String(port)) || undefined;
    };
    await until(gone, 'the orphan to be closed', 30_000);
    await noted();
  });

  it('a door moves with its instance when somebody says so, and goes with it when that is deleted', async () => {
    const opened = await open();
    await launchInstance(web2, name);
    await lxc(web1, 'delete', '--force', name);
    await noted('moved');
    await done(`repair ${name} 80`);
    await noted();
    expect(await back.records.doors.get(opened.id)).toMatchObject({
      host: 'web2',
      publicAddress: web2.address,
    });
    await lxc(web2, 'delete', '--force', name);
    const closed = async () => (await back.records.doors.get(opened.id)) === undefined || undefined;
    await until(closed, 'the door to be closed', 30_000);
    expect(await back.records.quarantine.list(Date.now())).toMatchObject(
      expect.arrayContaining([expect.objectContaining({ host: 'web2', instance: name })]),
    );
  });
});
