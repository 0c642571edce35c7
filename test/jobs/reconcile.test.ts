/** Doors against two sandbox hosts on which somebody works by hand: what differs is noted and told, and mended; what is not seen is not gone. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { connectHosts } from '../../jobs/connect-hosts.ts';
import { reconcileDoors } from '../../jobs/reconcile/reconcile-doors.ts';
import type { Host } from '../../jobs/tools.ts';
import { RECONCILE, type ReconcileSettings } from '../../src/core/differences/own-accord.ts';
import type { Door } from '../../src/core/record.ts';
import { createLog } from '../../src/log.ts';
import { createLxdClient, type LxdClient, type LxdForward } from '../../src/lxd/client.ts';
import type { Payloads } from '../../src/queues.ts';
import type { Entry } from '../../src/records/outbox.ts';
import { createSandboxHost } from '../../src/sandbox/lxd/lxd-host.ts';
import { type Gate, type GateDeed, openGate } from '../stage/lxd-gate.ts';
import { startRedis, type TestRedis } from '../stage/start-redis.ts';
import { until } from '../stage/until.ts';
import { type Backstage, openBackstage } from './backstage.ts';

const ADDRESSES = { web1: '127.19.1.1', web2: '127.19.1.2' } as const;
const BRIDGE = 'lxdbr0';

describe('doors that are compared with the road', () => {
  const folder = mkdtempSync(join(tmpdir(), 'db-recon-'));
  const socketOf = (name: string) => join(folder, `${name}.sock`);
  const log = createLog({ level: 'silent', readable: false });
  const sandboxes = Object.entries(ADDRESSES).map(([name, publicAddress]) =>
    createSandboxHost({ socket: socketOf(`${name}-inner`), publicAddress, log }),
  );
  /** Somebody at the host itself. */
  const hand = createLxdClient({ host: 'web1', transport: { kind: 'unix', socket: socketOf('web1-inner') } });
  const gates: Gate[] = [];
  let looks: (host: string, path: string) => GateDeed = () => 'pass';
  let redis: TestRedis;
  let back: Backstage;
  let hosts: ReturnType<typeof connectHosts>;

  beforeAll(async () => {
    redis = await startRedis();
    await Promise.all(sandboxes.map((host) => host.start()));
    for (const name of Object.keys(ADDRESSES))
      gates.push(
        await openGate({
          socket: socketOf(name),
          target: socketOf(`${name}-inner`),
          looks: (path) => looks(name, path),
        }),
      );
  });
  afterAll(async () => {
    await hand.close();
    await Promise.all(gates.map((gate) => gate.close()));
    await Promise.all(sandboxes.map((host) => host.stop()));
    await redis.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  beforeEach(() => {
    looks = () => 'pass';
  });
  afterEach(async () => {
    looks = () => 'pass';
    await back.close();
    await hosts.close();
    // Without a file they forget everything.
    for (const host of sandboxes) await host.stop();
    await Promise.all(sandboxes.map((host) => host.start()));
  });

  const section = Object.fromEntries(
    Object.entries(ADDRESSES).map(([name, address]) => [
      name,
      { unix: socketOf(name), public_address: address },
    ]),
  );
  const OPEN = { private_networks: ['0.0.0.0/0'], sensitive_ports: [] };

  async function stage(reconcile: Record<string, unknown> = {}, policy: Record<string, unknown> = OPEN) {
    back = await openBackstage(section, redis, policy, undefined, {
      reconcile: { every: '1d', channel: 'C0OPS', ...reconcile },
    });
    const file = back.config.file ?? expect.fail('a configuration');
    hosts = connectHosts(file, [], back.records.knownHosts, back.records.quarantine);
    await back.work();
    await until(() => back.records.differences.lastPass(), 'the first pass of the worker');
  }

  const pass = (
    settings: Partial<ReconcileSettings> = {},
    payload: Payloads['reconcile'] = {},
    through = hosts,
  ) =>
    reconcileDoors(payload, AbortSignal.timeout(60_000), {
      ...{ hosts: through, clouds: [], records: back.records, queues: back.queues, log },
      reconcile: { ...RECONCILE, channel: 'C0OPS', ...settings },
    });
  const names = async () => (await back.records.differences.list()).map(({ name }) => name);
  const done = async (text: string) => {
    const id = await back.ask(text);
    expect((await back.ended(id)).outcome).toMatchObject({ kind: 'done' });
    return id;
  };
  async function open(text: string): Promise<Door> {
    const id = await done(text);
    const door = (await back.records.doors.list()).find(({ request }) => request === id);
    return door ?? expect.fail(`no door of ${id}`);
  }
  const door = async (id: string) => back.records.doors.get(id);
  /** All that waits for Slack, taken from the outbox. */
  async function told(): Promise<Entry[]> {
    const all: Entry[] = [];
    for (let claim = await back.records.outbox.claim(); claim; claim = await back.records.outbox.claim()) {
      all.push(claim.entry);
      await back.records.outbox.settle(claim, 'sent', 0);
    }
    return all;
  }
  const differencesTold = async () => (await told()).filter(({ kind }) => kind === 'difference');
  const forward = async (): Promise<LxdForward> =>
    (await hand.getForward(BRIDGE, ADDRESSES.web1)) ?? expect.fail('no forward');
  async function edit(change: (forward: LxdForward) => LxdForward): Promise<void> {
    await hand.putForward(BRIDGE, ADDRESSES.web1, change(await forward()));
  }
  /** The newest request that Drawbridge made by itself, once it has ended. */
  async function ownRequest(about: string) {
    const find = async () =>
      (await back.records.requests.latest(20)).find(
        ({ asked }) => asked.byItself === 'difference' && asked.text.includes(about),
      );
    const record = await until(find, `a request about ${about}`);
    return back.ended(record.asked.id);
  }

  it('says nothing of doors that stand as they were put', async () => {
    await stage();
    await open('expose web1/blog 80 as 18501 from 127.0.0.0/8');
    await open('expose web1/shop 80 as 18502 via proxy');
    await open('expose web2/blog 80 as 18503');
    expect(await pass()).toMatchObject({ doors: 3, differences: 0, unseen: [] });
    expect(await names()).toEqual([]);
    expect(await back.records.differences.lastPass()).toMatchObject({ doors: 3, differences: 0 });
  });

  it('tells once of a forward that was removed by hand, and puts it again by `repair`, as it was', async () => {
    await stage();
    const opened = await open('expose web1/blog 80 as 18504 for 1h because of a demo');
    await told();
    await hand.deleteForward(BRIDGE, ADDRESSES.web1);
    await pass();
    await pass();
    expect(await names()).toEqual(['rule_removed']);
    expect(await differencesTold()).toMatchObject([{ place: 'web1', key: `${opened.id}:rule_removed` }]);
    expect((await back.records.audit.of(opened.request)).at(-1)).toMatchObject({ kind: 'door_differs' });
    expect(await back.records.requests.open()).toEqual([]);
    const repair = await back.records.requests.get(await done('repair web1/blog 80'));
    expect(repair?.plan?.warnings).toEqual([]);
    const { proof: _now, ...after } = (await door(opened.id)) ?? expect.fail('no door');
    const { proof: _then, ...before } = opened;
    expect(after).toEqual(before);
    expect((await forward()).ports).toMatchObject([{ listen_port: '18504', target_port: '80' }]);
    await pass();
    expect(await names()).toEqual([]);
    const [noted] = await back.records.differences.of('web1');
    expect(noted).toMatchObject({ name: 'rule_removed', mendedAt: expect.any(Number) });
    expect(await differencesTold()).toHaveLength(1);
    expect((await back.records.audit.of(opened.request)).at(-1)).toMatchObject({ kind: 'door_mended' });
  });

  it('closes a door of which nothing stands, or only a part', async () => {
    await stage();
    const part = await open('expose web1/blog 80 as 18530 from 127.0.0.0/8');
    await hand.deleteForward(BRIDGE, ADDRESSES.web1);
    await done('unexpose web1/blog 80');
    expect(await door(part.id)).toBeUndefined();
    expect((await hand.getAcl('drawbridge'))?.ingress).toEqual([]);
    const whole = await open('expose web1/shop 80 as 18531 via userspace');
    await hand.updateInstance('shop', ({ config }) => ({ config, devices: {} }));
    await pass();
    expect(await names()).toEqual(['rule_removed']);
    await done('unexpose web1/shop 80');
    expect(await door(whole.id)).toBeUndefined();
    await pass();
    expect(await names()).toEqual([]);
  });

  it('has an edited forward put right by `repair`, or taken in as it is by `adopt`', async () => {
    await stage();
    const opened = await open('expose web1/blog 80 as 18505');
    const elsewhere = ({ ports, ...rest }: LxdForward) => ({
      ...rest,
      ports: ports.map((port) => ({ ...port, target_port: '81' })),
    });
    await edit(elsewhere);
    await pass();
    expect(await names()).toEqual(['rule_edited']);
    await done('repair web1/blog 80');
    expect((await forward()).ports).toMatchObject([{ target_port: '80' }]);
    await edit(({ ports, ...rest }) => ({
      ...rest,
      ports: ports.map((port) => ({ ...port, listen_port: '18506' })),
    }));
    await pass();
    expect(await names()).toEqual(['rule_edited']);
    await done('adopt web1/blog 80');
    const none = async () => (await names()).length === 0 || undefined;
    await until(none, 'what was adopted to differ no more, without a change on the host');
    expect(await door(opened.id)).toMatchObject({
      publicPort: 18506,
      owner: 'U0ALICE',
      request: opened.request,
    });
    await pass();
    expect(await names()).toEqual([]);
  });

  it('asks for the approval of the door to repair or adopt it', async () => {
    await stage({}, { sensitive_ports: [80] });
    const id = await back.ask('expose web1/blog 80 as 18507');
    await back.approve(id);
    await back.ended(id);
    await hand.deleteForward(BRIDGE, ADDRESSES.web1);
    const repair = await back.ask('repair web1/blog 80');
    await back.approve(repair);
    expect((await back.ended(repair)).outcome).toMatchObject({ kind: 'done' });
    const adopt = await back.ask('adopt web1/blog 80');
    await back.approve(adopt);
    expect((await back.ended(adopt)).outcome).toMatchObject({ kind: 'done' });
    expect(await door(id.replace('req', 'door'))).toMatchObject({ approvers: ['U0BOB'], request: id });
  });

  it('repairs only what is in the register, and not after the end', async () => {
    await stage();
    const unknown = await back.ended(await back.ask('repair web1/blog 80'));
    expect(unknown.outcome).toMatchObject({ kind: 'refused', reason: 'not_found' });
    const opened = await open('expose web1/shop 80 as 18508 for 1h');
    await back.records.doors.put({ ...opened, endsAt: Date.now() - 1 });
    const late = await back.ended(await back.ask('repair web1/shop 80'));
    expect(late.outcome).toMatchObject({ kind: 'refused' });
  });

  it('closes the door of a deleted instance by itself, and leads nobody to its address for a day', async () => {
    await stage();
    await done('launch debian/12 solo on web1');
    const opened = await open('expose web1/solo 80 as 18509');
    const address = opened.things?.find((thing) => thing.kind === 'forward')?.targetAddress ?? '';
    await hand.stopInstance('solo');
    await hand.deleteInstance('solo');
    await pass();
    const closing = await ownRequest('solo');
    expect(closing.outcome).toMatchObject({ kind: 'done' });
    expect(closing.asked).toMatchObject({ requester: 'U0ALICE', difference: 'instance_deleted' });
    expect(await door(opened.id)).toBeUndefined();
    expect(await hand.getForward(BRIDGE, ADDRESSES.web1)).toBeUndefined();
    expect(await back.records.quarantine.list(Date.now())).toMatchObject([
      { host: 'web1', address, instance: 'solo' },
    ]);
    await done('launch debian/12 heir on web1');
    const refused = await back.ended(await back.ask('expose web1/heir 80 via forward'));
    expect(refused.outcome).toMatchObject({
      kind: 'refused',
      message: expect.stringContaining(`${address} was the address of solo`),
    });
    await hand.stopInstance('heir');
    await hand.deleteInstance('heir');
    await pass();
    expect(await names()).toEqual([]);
  });

  it('forgets a door of which nothing stands with its instance', async () => {
    await stage();
    await done('launch debian/12 gone on web1');
    const opened = await open('expose web1/gone 80 as 18510 via proxy');
    await hand.stopInstance('gone');
    await hand.deleteInstance('gone');
    await pass();
    expect(await door(opened.id)).toBeUndefined();
    expect((await back.records.audit.of(opened.request)).map(({ kind }) => kind)).toContain('door_gone');
  });

  it('asks whether a door shall move with its instance, and moves it when somebody says so', async () => {
    await stage();
    await done('launch debian/12 roamer on web1');
    const opened = await open('expose web1/roamer 80 as 18511');
    await done('launch debian/12 roamer on web2');
    await hand.stopInstance('roamer');
    await hand.deleteInstance('roamer');
    await pass({ follow: true });
    expect(await names()).toEqual(['moved']);
    expect(await back.records.requests.open()).toEqual([]);
    await done('repair roamer 80');
    expect(await door(opened.id)).toMatchObject({
      host: 'web2',
      publicAddress: ADDRESSES.web2,
      publicPort: 18511,
    });
    expect(await hand.getForward(BRIDGE, ADDRESSES.web1)).toBeUndefined();
    await pass();
    expect(await names()).toEqual([]);
    await done('unexpose web2/roamer 80');
  });

  /** Deleted and made anew, while somebody else took its address. @returns the door, and where it led */
  async function readdress() {
    await done('launch debian/12 mover on web1');
    const opened = await open('expose web1/mover 80 as 18512');
    looks = () => 'error500';
    await hand.stopInstance('mover');
    await hand.deleteInstance('mover');
    looks = () => 'pass';
    const other = { type: 'image', alias: 'debian/12' } as const;
    for (const name of ['squatter', 'mover']) {
      await hand.createInstance({ name, source: other, profiles: ['default'], config: {} });
      await hand.startInstance(name);
    }
    return { opened, before: leadsTo(opened) };
  }
  /** It has no address at first. */
  const untilReaddressed = (settings: Partial<ReconcileSettings> = {}) =>
    until(async () => {
      await pass(settings);
      const requests = await back.records.requests.latest(5);
      const isAsked = requests.some(({ asked }) => asked.difference === 'readdressed');
      return isAsked || (await names()).join() === 'readdressed' || undefined;
    }, 'the new address to be noticed');
  const leadsTo = (door: Door | undefined) =>
    door?.things?.find((thing) => thing.kind === 'forward')?.targetAddress;

  it('asks whether a door shall follow an instance with another address', async () => {
    await stage();
    const { opened, before } = await readdress();
    await untilReaddressed();
    expect(await back.records.requests.open()).toEqual([]);
    expect(leadsTo(await door(opened.id))).toBe(before);
    await done('repair web1/mover 80');
    expect(leadsTo(await door(opened.id))).not.toBe(before);
    await pass();
    expect(await names()).toEqual([]);
  });

  it('has it followed without a question where the configuration says so', async () => {
    await stage({ follow: true });
    const { opened, before } = await readdress();
    await untilReaddressed({ follow: true });
    expect((await ownRequest('repair web1/mover')).outcome).toMatchObject({ kind: 'done' });
    const after = await door(opened.id);
    expect(leadsTo(after)).not.toBe(before);
    expect(after).toMatchObject({ owner: 'U0ALICE', request: opened.request, publicPort: 18512 });
  });

  it('marks a stopped instance without a word, until it runs again', async () => {
    await stage();
    await open('expose web1/blog 80 as 18513');
    await told();
    await hand.stopInstance('blog');
    await pass();
    expect(await names()).toEqual(['stopped']);
    expect(await differencesTold()).toEqual([]);
    await hand.startInstance('blog');
    await pass();
    expect(await back.records.differences.of('web1')).toEqual([]);
  });

  it('touches nothing that is not ours, in the way or not', async () => {
    await stage();
    await open('expose web1/blog 80 as 18514');
    await hand.deleteForward(BRIDGE, ADDRESSES.web1);
    const port = { protocol: 'tcp', listen_port: '18514', target_address: '10.77.0.12', target_port: '80' };
    const foreign = { listen_address: ADDRESSES.web1, description: 'mine', config: {}, ports: [port] };
    await hand.createForward(BRIDGE, foreign as LxdForward);
    await pass();
    expect(await names()).toEqual(['foreign_in_the_way']);
    const repair = await back.ended(await back.ask('repair web1/blog 80'));
    expect(repair.outcome).toMatchObject({ kind: 'refused' });
    expect(await forward()).toMatchObject({ description: 'mine', ports: [port] });
  });

  it('closes an orphan of which it knows that it should not stand, and asks about one that it does not know', async () => {
    await stage();
    const known = await open('expose web1/blog 80 as 18515 from 127.0.0.0/8');
    const lost = await open('expose web1/shop 80 as 18516');
    await back.records.requests.forget(lost.request);
    await back.records.doors.remove(known.id);
    await back.records.doors.remove(lost.id);
    await told();
    await pass();
    expect((await ownRequest('unexpose web1/blog')).outcome).toMatchObject({ kind: 'done' });
    await pass();
    expect(
      (await back.records.differences.list()).map(({ name, door: { id }, channel }) => [name, id, channel]),
    ).toEqual([['orphan', lost.id, 'C0OPS']]);
    expect((await forward()).ports).toMatchObject([{ listen_port: '18516' }]);
    await done('adopt web1/shop 80');
    expect(await door(lost.id)).toMatchObject({ owner: 'U0ALICE', publicPort: 18516, host: 'web1' });
    await pass();
    expect(await names()).toEqual([]);
  });

  it.each(['error500', 'garbage', 'drop', 'notFound'] as const)(
    'concludes nothing from a host that answers with %s, and says so once',
    async (deed) => {
      await stage();
      const opened = await open('expose web1/blog 80 as 18517');
      await open('expose web2/blog 80 as 18518');
      await told();
      looks = (host) => (host === 'web1' ? deed : 'pass');
      for (let count = 0; count < 4; count += 1)
        expect(await pass()).toMatchObject({ unseen: ['web1'], differences: 0 });
      looks = () => 'pass';
      expect(await names()).toEqual([]);
      expect(await door(opened.id)).toBeDefined();
      const notices = (await told()).filter(({ kind }) => kind === 'notice');
      expect(notices).toMatchObject([
        { channel: 'C0OPS', text: expect.stringContaining('Nothing is concluded') },
      ]);
      await pass();
      expect((await told()).filter(({ kind }) => kind === 'notice')).toMatchObject([
        { text: expect.stringContaining('is seen again') },
      ]);
    },
  );

  it('concludes nothing from half an answer, nor from a host that hangs', async () => {
    await stage();
    await open('expose web1/blog 80 as 18532 from 127.0.0.0/8');
    for (const part of ['/forwards', '/instances', '/network-acls', '/state', '/networks?']) {
      looks = (host, path) => (host === 'web1' && path.includes(part) ? 'error500' : 'pass');
      expect(await pass(), part).toMatchObject({ unseen: ['web1'], differences: 0 });
    }
    looks = (host) => (host === 'web1' ? 'hang' : 'pass');
    expect(await pass()).toMatchObject({ unseen: ['web1'], differences: 0 });
    looks = () => 'pass';
    expect(await names()).toEqual([]);
  });

  it('keeps what it noted of a host while that is silent', async () => {
    await stage();
    await open('expose web1/blog 80 as 18519');
    await hand.deleteForward(BRIDGE, ADDRESSES.web1);
    await pass();
    looks = () => 'error500';
    await pass();
    expect(await names()).toEqual(['rule_removed']);
  });

  it('does not take an instance for deleted that a silent host may have', async () => {
    await stage();
    await done('launch debian/12 maybe on web1');
    const opened = await open('expose web1/maybe 80 as 18520');
    looks = (host) => (host === 'web2' ? 'error500' : 'pass');
    await hand.stopInstance('maybe');
    await hand.deleteInstance('maybe');
    await pass();
    expect(await names()).toEqual(['instance_deleted']);
    expect(await back.records.requests.open()).toEqual([]);
    expect(await door(opened.id)).toBeDefined();
    expect(await back.records.quarantine.list(Date.now())).toEqual([]);
  });

  it('closes none of too many doors before somebody approved it, and then all of them', async () => {
    await stage({ most_deletions: 1 });
    for (const name of ['one', 'two']) {
      await done(`launch debian/12 ${name} on web1`);
      await open(`expose web1/${name} 80 as ${name === 'one' ? 18521 : 18522}`);
    }
    await told();
    // Both are gone before anybody looks.
    looks = () => 'error500';
    for (const name of ['one', 'two']) {
      await hand.stopInstance(name);
      await hand.deleteInstance(name);
    }
    looks = () => 'pass';
    await pass({ mostDeletions: 1 });
    expect(await back.records.requests.open()).toEqual([]);
    expect((await forward()).ports).toHaveLength(2);
    const batch = (await back.records.removals.waiting()) ?? expect.fail('no batch');
    expect(batch.doors.map(({ line }) => line).join()).toMatch(/web1\/(one|two):80.*web1\/(one|two):80/);
    expect((await told()).filter(({ kind }) => kind === 'removals')).toHaveLength(1);
    // A look at one host does not do it in small parts.
    await pass({ mostDeletions: 1 });
    expect(await back.records.requests.open()).toEqual([]);
    expect(await back.records.removals.approve('another', 'U0BOB')).toBe(false);
    expect(await back.records.removals.approve(batch.id, 'U0BOB')).toBe(true);
    await pass({ mostDeletions: 1 });
    expect((await ownRequest('web1/one')).outcome).toMatchObject({ kind: 'done' });
    expect((await ownRequest('web1/two')).outcome).toMatchObject({ kind: 'done' });
    expect(await hand.getForward(BRIDGE, ADDRESSES.web1)).toBeUndefined();
    await pass({ mostDeletions: 1 });
    expect(await back.records.removals.waiting()).toBeUndefined();
  });

  it('looks at a host when LXD tells of a change, and again when its stream of events was lost', async () => {
    await stage();
    await open('expose web1/blog 80 as 18540');
    await hand.deleteForward(BRIDGE, ADDRESSES.web1);
    const noted = (count: number) =>
      until(async () => (await names()).length === count || undefined, `${count} differences to be noted`);
    await noted(1);
    await done('repair web1/blog 80');
    await noted(0);
    // Nobody tells of what happens while the stream is away.
    looks = (host) => (host === 'web1' ? 'drop' : 'pass');
    await sandboxes[0]?.stop();
    await sandboxes[0]?.start();
    looks = () => 'pass';
    await noted(1);
  });

  it('is no burden on a host for a hint that can be about no door: there is none, or a request is under way for each', async () => {
    await stage({}, { sensitive_ports: [80] });
    // The worker's own looks do not count.
    let listed = 0;
    const counting = (host: Host): Host => {
      const listInstances: LxdClient['listInstances'] = (signal) => {
        listed += 1;
        return host.client.listInstances(signal);
      };
      return { ...host, client: { ...host.client, listInstances } };
    };
    const lookedAt = async (payload: Payloads['reconcile']) => {
      listed = 0;
      const through = { ...hosts, list: async () => (await hosts.list()).map(counting) };
      await pass({}, { host: 'web1', ...payload }, through);
      return listed > 0;
    };
    expect(await lookedAt({ hint: true })).toBe(false);
    // Somebody who asks for a look gets one: what stands there without a place in the register is found by it.
    expect(await lookedAt({})).toBe(true);
    const id = await back.ask('expose web1/blog 80 as 18541 for 1h');
    await back.approve(id);
    await back.ended(id);
    expect(await lookedAt({ hint: true })).toBe(true);
    await back.ask('repair web1/blog 80');
    const waits = async () => (await back.records.requests.latest(1))[0]?.state === 'waiting' || undefined;
    await until(waits, 'the repair to wait for its approval');
    expect(await lookedAt({ hint: true })).toBe(false);
  });

  it('leaves doors alone about which a request is under way, and all of them during panic', async () => {
    await stage({}, { sensitive_ports: [80] });
    const id = await back.ask('expose web1/blog 80 as 18523 for 1h');
    await back.approve(id);
    await back.ended(id);
    await back.ask('repair web1/blog 80');
    const waits = async () => (await back.records.requests.latest(1))[0]?.state === 'waiting' || undefined;
    await until(waits, 'the repair to wait for its approval');
    await hand.deleteForward(BRIDGE, ADDRESSES.web1);
    await pass();
    expect(await names()).toEqual([]);
    await back.records.panic.raise({ by: 'U0BOB', at: 1 });
    expect(await pass()).toMatchObject({ doors: 0, differences: 0, unseen: [] });
    await back.records.panic.lift(undefined);
  });

  it('is no way around the policy: a mark alone closes and repairs nothing that does not differ', async () => {
    await stage();
    const opened = await open('expose web1/blog 80 as 18524');
    for (const action of ['unexpose', 'repair'] as const) {
      const id = `req-forged${action}`;
      const target = { host: 'web1', instance: 'blog' };
      await back.records.requests.create({
        ...{ id, requester: 'U0ALICE', channel: 'C0DOORS', text: '', at: Date.now() },
        command: { action, target, port: 80, protocol: 'tcp', door: opened.id },
        byItself: 'difference',
        difference: action === 'repair' ? 'guard_lost' : 'instance_deleted',
      });
      await back.queues.plan({ request: id });
      expect((await back.ended(id)).outcome).toMatchObject({ kind: 'refused', reason: 'nothing_to_do' });
    }
    expect(await door(opened.id)).toBeDefined();
  });
});
