/** `why` on a real LXD: whatever breaks a door there is produced, and named as what it is. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { describeLab } from '../lab/describe-lab.ts';
import { instanceAddress, launchInstance, lxc, lxcQuery } from '../lab/lab.ts';
import { curl } from '../stage/curl.ts';
import { startRedis, type TestRedis } from '../stage/start-redis.ts';
import { until } from '../stage/until.ts';
import { askLook, askWhy, askWhyOne } from './ask-look.ts';
import { type Backstage, openBackstage } from './backstage.ts';

describeLab('why a door does not answer', (lab) => {
  const { web1 } = lab.hosts;
  const instance = 'why-blog';
  const port = 9_411;
  const url = `http://${web1.address}:${port}/`;
  let redis: TestRedis;
  let back: Backstage;

  beforeAll(async () => {
    redis = await startRedis();
    await lxc(web1, 'delete', '--force', instance).catch(() => undefined);
    await launchInstance(web1, instance);
    back = await openBackstage({ web1: { unix: web1.socket, public_address: web1.address } }, redis);
    await back.work();
  });
  afterAll(async () => {
    await back.close();
    await lxc(web1, 'delete', '--force', instance);
    await redis.stop();
  });

  const did = async (text: string) =>
    expect((await back.ended(await back.ask(text))).outcome).toMatchObject({ kind: 'done' });
  const why = (more = '') => askWhyOne(back, `why ${instance} 80${more}`);
  const inside = (...argv: string[]) => lxc(web1, 'exec', instance, '--', ...argv);
  const forwards = ['network', 'forward'] as const;

  async function brokenAt(hop: string, says: RegExp): Promise<void> {
    expect((await curl(url)).code).not.toBe(0);
    const look = await why();
    expect(look.broken?.hop, look.verdict.says).toBe(hop);
    expect(look.verdict.says).toMatch(says);
  }

  describe('by a forward', () => {
    beforeAll(() => did(`expose ${instance} 80 as ${port}`));

    afterEach(async () => {
      await until(
        async () => ((await curl(url)).code === 0 ? true : undefined),
        'the door to answer again',
        20_000,
        200,
      );
    });

    it('a door that works is shown hop by hop, down to the process', async () => {
      const look = await why();
      expect(look.verdict).toMatchObject({
        state: 'works',
        says: expect.stringMatching(/^it answered 200 “why-blog”/),
      });
      expect(look.hops.map(({ hop, state }) => `${hop} ${state}`)).toEqual(
        ['public_address', 'host', 'outer', 'address', 'instance', 'listener'].map((hop) => `${hop} ok`),
      );
      expect(look.hops.at(-1)?.seen).toMatch(/^listens \(httpd, /);
      expect(look.history.at(-1)?.kind).toBe('ended');
    });

    it('nothing listens', async () => {
      await inside('killall', 'httpd');
      await brokenAt('listener', /^service on why-blog:80 is missing/);
      await inside('httpd', '-h', '/www', '-p', '80');
    });

    it('it listens on 127.0.0.1 only', async () => {
      await inside('killall', 'httpd');
      await inside('httpd', '-h', '/www', '-p', '127.0.0.1:80');
      await brokenAt('listener', /listens on 127\.0\.0\.1 only \(httpd\), which the door does not reach$/);
      await inside('killall', 'httpd');
      await inside('httpd', '-h', '/www', '-p', '80');
    });

    it('the instance is stopped, and the command that starts it is at hand', async () => {
      await lxc(web1, 'stop', '--force', instance);
      await brokenAt('instance', /^instance why-blog is stopped$/);
      const { broken } = await why();
      expect(broken?.remedy).toEqual({
        kind: 'command',
        command: `start web1/${instance}`,
        label: `Start ${instance}`,
      });
      await did(`start web1/${instance}`);
    });

    it('the instance is frozen', async () => {
      await lxc(web1, 'pause', instance);
      await brokenAt('instance', /is frozen$/);
      await lxc(web1, 'start', instance);
    });

    it('somebody gave the instance another address', async () => {
      const before = await instanceAddress(web1, instance);
      const other = before.replace(/\d+$/, '251');
      const give = async (address: string) => {
        await lxc(web1, 'stop', '--force', instance);
        await lxc(web1, 'config', 'device', 'set', instance, 'eth0', `ipv4.address=${address}`);
        await lxc(web1, 'start', instance);
        await until(
          async () => ((await instanceAddress(web1, instance)) === address ? true : undefined),
          address,
          30_000,
          200,
        );
      };
      await give(other);
      await brokenAt(
        'address',
        new RegExp(`is ${other} now; the door leads to ${before}, which nobody has$`),
      );
      await give(before);
    });

    it('the forward was pointed elsewhere', async () => {
      const [door] = await back.records.doors.list();
      const address = await instanceAddress(web1, instance);
      const put = async (target: string) => {
        const path = `/1.0/networks/${web1.bridge}/forwards/${web1.address}`;
        const { ports, ...rest } = await lxcQuery<{
          ports: { listen_port: string; target_address: string }[];
        }>(web1, path);
        const edited = ports.map((each) =>
          each.listen_port === String(port) ? { ...each, target_address: target } : each,
        );
        await lxc(web1, 'query', '-X', 'PUT', '-d', JSON.stringify({ ...rest, ports: edited }), path);
      };
      await put(address.replace(/\d+$/, '252'));
      await brokenAt(
        'outer',
        /leads from 198\.51\.100\.11:9411 to 10\.11\.0\.252:80 instead of .*: somebody edited it$/,
      );
      expect((await why()).known?.id).toBe(door?.id);
      await put(address);
    });

    it('somebody removed the forward: its register tells how it was, and repairing it mends it', async () => {
      await lxc(web1, ...forwards, 'port', 'remove', web1.bridge, web1.address, 'tcp', String(port));
      await brokenAt('outer', /^network forward on web1 is gone: somebody removed it$/);
      const { broken } = await why();
      const command = `repair web1/${instance} 80 as ${port}`;
      expect(broken?.remedy).toMatchObject({ kind: 'command', command });
      await did(command);
      expect((await why()).broken).toBeUndefined();
    });
  });

  describe('with a source filter', () => {
    beforeAll(async () => {
      await did(`unexpose ${instance} 80`);
      await did(`expose ${instance} 80 as ${port} from ${lab.strangerAddress}`);
    });
    afterAll(() => did(`unexpose ${instance} 80`));

    it('says who is let in and who is not, as the kernel has it', async () => {
      expect((await curl(url, lab.strangerAddress)).code).toBe(0);
      const letIn = (await why(` from ${lab.strangerAddress}`)).admission;
      expect(letIn).toEqual({ state: 'in', says: `the filter of LXD lets in ${lab.strangerAddress}/32` });
      expect((await curl(url, lab.ownAddress)).code).toBe(28);
      const out = (await why(` from ${lab.ownAddress}`)).admission;
      expect(out).toMatchObject({
        state: 'out',
        says: `the filter of LXD lets in only ${lab.strangerAddress}/32`,
      });
      expect(out?.next).toContain(`from ${lab.strangerAddress}/32,${lab.ownAddress}/32`);
    });

    it('takes its own knock that is not let in for no proof of anything', async () => {
      const { verdict } = await why();
      expect(verdict.state).toBe('unclear');
      expect(verdict.says).toContain(`my knock from ${lab.ownAddress} did not answer, as it should`);
    });

    it('a filter that somebody emptied lets everybody in, which is named', async () => {
      const path = '/1.0/network-acls/drawbridge';
      const { config, description, ingress } = await lxcQuery<{
        config: object;
        description: string;
        ingress: { description: string }[];
      }>(web1, path);
      const put = (rules: object[]) =>
        lxc(
          web1,
          'query',
          '-X',
          'PUT',
          '-d',
          JSON.stringify({ config, description, egress: [], ingress: rules }),
          path,
        );
      await put(ingress.filter((rule) => !rule.description.includes(` ${instance}:`)));
      expect((await curl(url, lab.ownAddress)).code).toBe(0);
      const { broken } = await why();
      expect(broken).toMatchObject({
        hop: 'filter',
        seen: expect.stringContaining(`everybody gets in, not only ${lab.strangerAddress}/32`),
      });
      await put(ingress);
    });
  });

  describe('that somebody else opened', () => {
    afterEach(async () => {
      await lxc(web1, 'config', 'device', 'remove', instance, 'web').catch(() => undefined);
      await lxc(web1, ...forwards, 'delete', web1.bridge, web1.extraAddresses[0] ?? '').catch(
        () => undefined,
      );
    });

    it('is found as a proxy device', async () => {
      const [listen, connect] = [`listen=tcp:${web1.address}:9412`, 'connect=tcp:127.0.0.1:80'];
      await lxc(web1, 'config', 'device', 'add', instance, 'web', 'proxy', listen, connect);
      const look = await why();
      expect(look).toMatchObject({ made: 'foreign', door: { road: 'userspace', publicPort: 9_412 } });
      expect(look.verdict.state).toBe('works');
    });

    it('is found as a forward of a range, with what is broken behind it', async () => {
      const outside = web1.extraAddresses[0] ?? '';
      const address = await instanceAddress(web1, instance);
      await lxc(web1, ...forwards, 'create', web1.bridge, outside);
      await lxc(web1, ...forwards, 'port', 'add', web1.bridge, outside, 'tcp', '9080-9081', address, '80-81');
      const look = await why(' from 10.0.0.0/8');
      expect(look).toMatchObject({ made: 'foreign', door: { publicAddress: outside, publicPort: 9_080 } });
      expect(look.verdict).toMatchObject({ state: 'works' });
      expect(look.admission).toMatchObject({ state: 'in', says: 'nothing on this road filters by source' });
      const behind = await askWhyOne(back, `why ${instance} 81`);
      expect(behind.broken).toMatchObject({ hop: 'listener', seen: 'is missing: nothing listens there' });
    });

    it('or nobody did', async () => {
      expect(await askWhy(back, `why ${instance} 80`)).toEqual([]);
      expect(await askLook(back, `why ${instance} 80`)).toMatchObject({
        opening: `expose web1/${instance} 80`,
      });
    });
  });
});
