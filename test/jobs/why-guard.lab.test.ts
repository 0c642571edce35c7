/** `why` on a host with a guard: its end in the kernel, a host that was started anew, and a guard that somebody emptied are told apart. */
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { ChangeCommand } from '../../src/core/request.ts';
import { describeLab } from '../lab/describe-lab.ts';
import { forgetGuard } from '../lab/forget-guard.ts';
import { launchInstance, lxc } from '../lab/lab.ts';
import { runCommand } from '../lab/run-command.ts';
import { curl } from '../stage/curl.ts';
import { guardedHost } from '../stage/lab-config.ts';
import { startRedis, type TestRedis } from '../stage/start-redis.ts';
import { until } from '../stage/until.ts';
import { askWhyOne } from './ask-look.ts';
import { type Backstage, openBackstage } from './backstage.ts';

const INSTANCE = 'why-guarded';
const PORT = 9_421;
const SHUT = 28;

describeLab('why a guarded door does not answer', (lab) => {
  const { web1 } = lab.hosts;
  const url = `http://${web1.address}:${PORT}/`;
  const inHost = (...argv: string[]) =>
    runCommand(['nsenter', `--net=/run/netns/${web1.namespace}`, ...argv]);
  let redis: TestRedis;
  let back: Backstage;

  beforeAll(async () => {
    await forgetGuard(web1);
    redis = await startRedis();
    await lxc(web1, 'delete', '--force', INSTANCE).catch(() => undefined);
    await launchInstance(web1, INSTANCE);
    back = await openBackstage(guardedHost(lab), redis);
    await back.work(1, false);
  });
  afterAll(async () => {
    await back.close();
    await lxc(web1, 'delete', '--force', INSTANCE);
    await forgetGuard(web1);
    await redis.stop();
  });
  afterEach(async () => {
    for (const { id } of await back.records.doors.list())
      expect((await back.ended(await back.ask(`unexpose ${INSTANCE} 80`))).outcome, id).toMatchObject({
        kind: 'done',
      });
  });

  const open = async (more: object = {}) => {
    const command: ChangeCommand = {
      ...{ action: 'expose', target: { host: 'web1', instance: INSTANCE }, port: 80, protocol: 'tcp' },
      ...{ publicPort: PORT, sources: ['0.0.0.0/0'] },
      ...more,
    };
    expect((await back.ended(await back.ask(command))).outcome).toMatchObject({ kind: 'done' });
    expect((await curl(url)).code).toBe(0);
  };
  const why = (more = '') => askWhyOne(back, `why ${INSTANCE} 80${more}`);

  it('a door that works says for how long the kernel still lets in, and whom', async () => {
    await open({ sources: [`${lab.ownAddress}/32`], forSeconds: 7_200 });
    const look = await why(` from ${lab.strangerAddress}`);
    expect(look.verdict.state).toBe('works');
    expect(look.hops.find(({ hop }) => hop === 'guard')).toMatchObject({
      state: 'ok',
      seen: expect.stringMatching(new RegExp(`^lets in ${lab.ownAddress}/32, (2 h|1\\d\\d min) more$`)),
    });
    expect((await curl(url, lab.strangerAddress)).code).toBe(SHUT);
    expect(look.admission).toMatchObject({
      state: 'out',
      says: `the guard of web1 lets in only ${lab.ownAddress}/32`,
    });
  });

  it('its time is over in the kernel, while the register lets it stand longer', async () => {
    await open({ forSeconds: 7_200 });
    const [door] = await back.records.doors.list();
    const place = `${web1.address} . tcp . ${PORT} . 0.0.0.0/0`;
    await inHost('nft', `delete element ip drawbridge allowed { ${place} }`);
    await inHost('nft', `add element ip drawbridge allowed { ${place} timeout 1s comment "${door?.id}" }`);
    await until(
      async () => ((await curl(url)).code === SHUT ? true : undefined),
      'the end in the kernel',
      20_000,
      200,
    );
    const look = await why();
    expect(look.broken?.hop).toBe('guard');
    expect(look.verdict.says).toBe(
      'guard of web1 lets nobody in: its time is over there, or the host was started anew',
    );
    expect(look.broken?.remedy).toMatchObject({ kind: 'command', label: 'Put it again' });
  });

  it('the host was started anew, and lets nobody in', async () => {
    await open();
    await inHost('nft', 'delete', 'table', 'ip', 'drawbridge');
    await inHost(join(web1.dir, 'ssh', 'drawbridge-guard'), 'boot', join(web1.dir, 'guard'));
    expect((await curl(url)).code).toBe(SHUT);
    expect((await why()).verdict.says).toMatch(/^guard of web1 lets nobody in/);
  });

  it('somebody emptied the guard, and everybody gets in', async () => {
    await open({ sources: [`${lab.ownAddress}/32`] });
    await inHost('nft', 'flush', 'set', 'ip', 'drawbridge', 'guarded');
    await inHost('nft', 'flush', 'set', 'ip', 'drawbridge', 'allowed');
    expect((await curl(url, lab.strangerAddress)).code).toBe(0);
    const { verdict } = await why();
    expect(verdict).toMatchObject({
      state: 'broken',
      says: expect.stringContaining(`everybody gets in, not only ${lab.ownAddress}/32`),
    });
  });
});
