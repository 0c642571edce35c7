/** A mention in a thread opens a door, the Home shows it, and its button closes it: through the emulator, with a stand-in LXD. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findLocalSlack } from '../../src/sandbox/local-slack.ts';
import { curl } from '../stage/curl.ts';
import { raiseSandboxStage, type SandboxStage } from '../stage/sandbox-stage.ts';
import { ALICE, BOB, CAROL, type Stage } from '../stage/stage.ts';

const EMULATOR = findLocalSlack();

describe.runIf(EMULATOR !== undefined)('people in Slack (needs the emulator local-slack)', () => {
  let stand: SandboxStage;
  let stage: Stage;

  beforeAll(async () => {
    stand = await raiseSandboxStage({ ports: 18_100 });
    stage = stand.stage;
  });
  afterAll(() => stand?.close());

  it('open a door by a mention in a thread, see it on their Homes, and close it there', {
    timeout: 90_000,
  }, async () => {
    await stage.openHome(ALICE);
    await stage.seeHome(ALICE, /\*sandbox\* answers/, 30_000);
    await stage.openHome(BOB);
    await stage.openHome(CAROL);
    expect((await stage.seeHome(CAROL, 'You may not look')).words).not.toContain('sandbox');

    await stage.say(BOB, 'Can somebody see the blog?');
    const talk = await stage.see('Can somebody see');
    await stage.say(ALICE, '<@U0DRAWBRIDGE> expose blog 80 as 18123', talk.ts);
    const asked = await stage.see('Needs approval');
    expect(asked.thread_ts).toBe(talk.ts);
    await stage.seeHome(BOB, /Waiting for you[\s\S]*expose blog 80 as 18123/);
    await stage.seeHome(ALICE, /Your requests[\s\S]*waits for a decision/);

    await stage.click(BOB, asked, 'approve_request');
    const ended = await stage.see(/^<@U0ALICE> <@U0BOB>.*proven/);
    expect(ended.thread_ts).toBe(talk.ts);
    expect((await curl(`http://${stand.address}:18123/`)).body).toContain('<title>blog</title>');
    const home = await stage.seeHome(ALICE, `${stand.address}:18123* → \`sandbox/blog:80\``);
    expect(home.words).toContain(`<@${ALICE}>, approved by <@${BOB}>`);

    await stage.press(ALICE, home, 'close_door');
    await stage.see(':lock: *Closed*');
    await stage.seeHome(ALICE, /Open doors\*, 0/);
    expect((await curl(`http://${stand.address}:18123/`)).code).toBe(7);
  });

  it('are told of a mistake privately in their thread', async () => {
    const talk = await stage.see('Can somebody see');
    await stage.say(ALICE, '<@U0DRAWBRIDGE> exspose blog 80', talk.ts);
    expect(await stage.see('Did you mean')).toMatchObject({ ephemeralFor: ALICE, thread_ts: talk.ts });
  });
});
