/** `why` as people see it, in Chromium on the emulator’s page: what is broken, the button that mends it, whose the door is. With a stand-in LXD. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLxdClient, type LxdClient } from '../../src/lxd/client.ts';
import { raiseSandboxStage, type SandboxStage } from '../stage/sandbox-stage.ts';
import { HAS_PAGE, openSlackPage, type SlackPage } from '../stage/slack-page.ts';
import { ALICE, CAROL, type Stage } from '../stage/stage.ts';
import { until } from '../stage/until.ts';
import { expectInOrder } from '../support/in-order.ts';

const LONG = { timeout: 60_000 };

describe.runIf(HAS_PAGE)('why in a browser (needs the emulator local-slack and Chromium)', () => {
  let raised: SandboxStage;
  let stage: Stage;
  let slack: SlackPage;
  let lxd: LxdClient;

  beforeAll(async () => {
    raised = await raiseSandboxStage({
      ports: 18_700,
      networks: { office: ['10.1.0.0/16'] },
      policy: { privateNetworks: ['0.0.0.0/0'] },
    });
    ({ stage } = raised);
    lxd = createLxdClient({ host: 'sandbox', transport: { kind: 'unix', socket: raised.socket } });
    slack = await openSlackPage(stage.page);
    await slack.actAs(ALICE);
    await slack.type('/lxd expose blog 80 as 18701 for 2h because the customer looks at it');
    await slack.message('and proven').waitFor();
  }, 120_000);
  afterAll(async () => {
    await slack?.close();
    await lxd?.close();
    await raised?.close();
  });

  it('a door that works: its road, owner, reason, end and history, for one person alone', LONG, async () => {
    await slack.type('/lxd why blog 80 from office');
    await slack.message('It works').waitFor();
    const shown = await stage.see('It works');
    expect(shown.ephemeralFor).toBe(ALICE);
    expect(shown.buttons).toEqual([]);
    expectInOrder(shown.words, [
      '*Why* `sandbox/blog:80`: 1 door',
      `*${raised.address}:18701* via forward`,
      'It works: it answered 200 “blog”',
      '*Is let in*: nothing on this road filters by source',
      '✓ host sandbox answers',
      '✓ network forward on sandbox leads from',
      '✓ instance blog runs',
      '✓ service on blog:80 listens',
      `<@${ALICE}>`,
      ' until ',
      'because the customer looks at it',
      'last proof: proven',
      '*ended*',
    ]);
    await slack.shoot('70-why-works');
  });

  it('a stopped instance: a button starts it, for those who may', LONG, async () => {
    await lxd.stopInstance('blog');
    await slack.type('/lxd why blog 80');
    await slack.message('is stopped').waitFor();
    const shown = await stage.see('is stopped');
    expect(shown.words).toContain('Broken at: *instance blog is stopped*\n↳ `/lxd start sandbox/blog`');
    await slack.shoot('71-why-stopped');
    await stage.click(CAROL, shown, 'say_command');
    expect((await stage.see('`start` is for')).ephemeralFor).toBe(CAROL);
    await slack.message('is stopped').getByRole('button', { name: 'Start blog' }).click();
    await stage.see(/Start sandbox\/blog[\s\S]*\*Done/i);
    await stage.type(ALICE, 'why blog 80');
    await stage.see(/^(?![\s\S]*Is let in)[\s\S]*It works/);
  });

  it('a forward that somebody removed: a button puts it again', LONG, async () => {
    await lxd.deleteForward('lxdbr0', raised.address);
    await slack.type('/lxd why blog 80');
    await slack.message('somebody removed it').waitFor();
    const { words } = await stage.see('somebody removed it');
    expect(words).toContain('Broken at: *network forward on sandbox is gone: somebody removed it*');
    expect(words).toContain('↳ `/lxd repair sandbox/blog 80 as 18701`');
    expect(words).toContain('✗ *broken:* network forward on sandbox is gone');
    await slack.shoot('72-why-forward-gone');
    await slack.message('somebody removed it').getByRole('button', { name: 'Put it again' }).click();
    await until(async () => {
      const [last] = await stage.records.requests.latest(1);
      return last?.asked.text === 'repair sandbox/blog 80 as 18701' ? last : undefined;
    }, 'the request');
  });

  it('no door: a button asks for one', LONG, async () => {
    await slack.type('/lxd why shop 80');
    await slack.message('No door leads to').waitFor();
    await slack.shoot('73-why-no-door');
    await slack.message('No door leads to').getByRole('button', { name: 'Ask for a door' }).click();
    await stage.see(/Expose sandbox\/shop:80/);
    expect((await stage.records.requests.latest(1))[0]?.asked).toMatchObject({
      requester: ALICE,
      text: 'expose sandbox/shop 80',
    });
  });

  it('by a mention, and not for people who may not look', LONG, async () => {
    await stage.type(CAROL, 'why blog 80');
    expect((await stage.see('`why` is for')).ephemeralFor).toBe(CAROL);
    await stage.say(ALICE, '<@U0DRAWBRIDGE> why db 5432');
    expect((await stage.see('No door leads to `sandbox/db:5432`')).ephemeralFor).toBe(ALICE);
  });
});
