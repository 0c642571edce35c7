/** `why` in a cloud: what somebody broke in the project or on the host is named, what does not answer is unknown, and nothing is changed. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CloudClient, createCloudClient } from '../../src/openstack/client.ts';
import { wrong } from '../openstack/fake-cloud/faults.ts';
import { startRedis, type TestRedis } from '../stage/start-redis.ts';
import { askLook, askWhy, askWhyOne } from './ask-look.ts';
import { type FaultCloud, openFaultCloud } from './fault-cloud.ts';

describe('why', () => {
  let redis: TestRedis;
  let side: FaultCloud;
  /** Somebody else of the project. */
  let others: CloudClient;

  beforeAll(async () => {
    redis = await startRedis();
    side = await openFaultCloud(redis);
    others = createCloudClient({ name: 'others', access: side.cloud.access });
  });
  afterAll(async () => {
    await side.close();
    await redis.stop();
  });

  const did = async (text: string) => {
    const record = await side.back.ended(await side.back.ask(text));
    expect(record.outcome).toMatchObject({ kind: 'done' });
    return record.asked.id;
  };
  const why = (text: string) => askWhyOne(side.back, `why ${text}`);
  const ours = async () => {
    const [door] = await side.back.records.doors.list();
    const all = await others.listFloatingIps({});
    const address = all.find(({ floating_ip_address: each }) => each === door?.publicAddress);
    const group = (await others.listSecurityGroups({})).find(({ name }) => name.startsWith('drawbridge-'));
    return {
      address: address?.id ?? '',
      group: group?.id ?? '',
      rule: group?.security_group_rules.find(({ direction }) => direction === 'ingress')?.id ?? '',
    };
  };

  it('says that there is no door, and which command opens one', async () => {
    const answer = await askLook(side.back, 'why blog 80 from 10.0.0.0/8');
    expect(answer).toMatchObject({
      kind: 'why',
      about: 'web1/blog:80',
      doors: [],
      opening: 'expose web1/blog 80 from 10.0.0.0/8',
    });
    expect(await askLook(side.back, 'why blgo 80')).toMatchObject({
      kind: 'refused',
      next: 'Did you mean `blog`?',
    });
  });

  describe.each([
    ['blog 80', 'expose blog 80 as 18480 because the shop opens', 'unexpose blog 80'],
    ['server:web1 80', 'expose server:web1 80', 'unexpose server:web1 80'],
  ])('of %s', (name, open, close) => {
    it('tells the whole road, whose it is and what happened to it', async () => {
      const request = await did(open);
      const look = await why(name);
      expect(look.broken, look.verdict.says).toBeUndefined();
      expect(look.verdict.state).toBe('works');
      expect(look.known).toMatchObject({ owner: 'U0ALICE', request });
      expect(look.history.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['proof', 'ended']));
    });

    it('says whether somebody is let in, and by what', async () => {
      expect((await why(`${name} from 10.0.0.0/8`)).admission).toMatchObject({
        state: 'in',
        says: expect.stringContaining('the security group drawbridge-'),
      });
    });

    it('names a rule that is gone', async () => {
      const { rule } = await ours();
      await others.deleteRule(rule);
      const look = await why(`${name} from 10.0.0.0/8`);
      expect(look.broken?.hop).toBe('rule');
      expect(look.verdict.says).toContain('is gone: nobody is let in');
      expect(look.admission).toMatchObject({ state: 'out', says: 'the security group lets in nobody' });
      expect(look.knocked).toContain('refused the connection');
      await did(close);
      await did(open);
    });

    it('names a group that somebody took off the port', async () => {
      const { group } = await ours();
      const ports = await others.listPorts({});
      const hung = ports.filter(({ security_groups }) => security_groups.includes(group));
      for (const { id } of hung)
        await others.updatePort(id, ({ security_groups }) => ({
          security_groups: security_groups.filter((each) => each !== group),
        }));
      const look = await why(name);
      expect(look.broken?.hop).toBe('group');
      expect(look.verdict.says).toContain('does not hang on the port of web1');
      for (const { id } of hung)
        await others.updatePort(id, ({ security_groups }) => ({
          security_groups: [...security_groups, group],
        }));
      expect((await why(name)).broken).toBeUndefined();
    });

    it('takes a cloud that does not answer for unknown, and looks at the rest', async () => {
      let isDark = true;
      const when = ({ path }: { path: string }) => isDark && path.startsWith('/security-groups');
      side.cloud.fail({ when, answer: wrong.badGateway, times: 1_000 });
      const look = await why(name);
      isDark = false;
      expect(look.broken).toBeUndefined();
      expect(look.hops.filter(({ state }) => state === 'unknown').map(({ seen }) => seen)[0]).toMatch(
        /^could not be looked at: .*Bad gateway/,
      );
      expect(look.verdict.state).toBe('works');
    });

    it('names a floating IP that is gone', async () => {
      const { address } = await ours();
      await others.deleteFloatingIp(address);
      const look = await why(name);
      expect(look.broken?.hop).toBe('public_address');
      expect(look.verdict.says).toContain('is not in this project of fake any more');
      expect(look.broken?.remedy).toMatchObject({ kind: 'command', label: 'Put it again' });
      await did(close);
      expect(await askWhy(side.back, `why ${name}`)).toEqual([]);
    });
  });

  it('finds a floating IP that somebody else pointed straight at a server, and the rule that lets in', async () => {
    const [external] = await others.listNetworks({ 'router:external': 'true' });
    const host = (await others.listPorts({})).find(({ device_owner }) => device_owner === 'compute:nova');
    const made = await others.createFloatingIp({
      floating_network_id: external?.id ?? '',
      description: 'mine',
      port_id: host?.id ?? '',
    });
    // `office` of the others hangs on the port and lets 10.0.0.0/8 in to ssh.
    const look = await why('server:web1 22');
    expect(look).toMatchObject({
      made: 'foreign',
      door: { publicAddress: made.floating_ip_address, road: 'server' },
    });
    expect((await why('server:web1 22 from 10.1.0.0/16')).admission?.state).toBe('in');
    expect((await why('server:web1 22 from 192.0.2.1')).admission).toMatchObject({
      state: 'out',
      says: expect.stringContaining('office lets in only 10.0.0.0/8'),
    });
    expect(await askWhy(side.back, 'why server:web1 443')).toEqual([]);
    await others.deleteFloatingIp(made.id);
  });
});
