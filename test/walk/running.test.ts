/** A request that runs, seen and cancelled in Slack, and the doctor's answer: through the emulator, with a stand-in LXD. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findLocalSlack } from '../../src/sandbox/local-slack.ts';
import { curl } from '../stage/curl.ts';
import { raiseSandboxStage, type SandboxStage } from '../stage/sandbox-stage.ts';
import { ALICE, BOB, CAROL, type Stage } from '../stage/stage.ts';

const EMULATOR = findLocalSlack();

describe.runIf(EMULATOR !== undefined)('people in Slack (needs the emulator local-slack)', () => {
  let stand: SandboxStage;
  let stage: Stage;
  let letGo = () => {};
  let gone: Promise<void> | undefined;

  beforeAll(async () => {
    stand = await raiseSandboxStage({
      ports: 18_200,
      before: async ({ path }) => {
        if (path.includes('/forwards')) await gone;
        return 'pass' as const;
      },
    });
    stage = stand.stage;
  });
  afterAll(async () => {
    letGo();
    await stand?.close();
  });

  it('see how far it is and how long it may take, cancel it, and are told what was taken back', {
    timeout: 90_000,
  }, async () => {
    gone = new Promise((resolve) => {
      letGo = resolve;
    });
    for (let count = 0; count < 3; count += 1)
      await stage.records.durations.note('open/put/forward', 100_000);
    const id = await stage.ask(ALICE, 'expose blog 80 as 18223 via forward because the customer looks at it');
    const asked = await stage.seeRequest(id, 'Needs approval');
    expect(asked.buttons.map(({ action_id }) => action_id)).toEqual([
      'approve_request',
      'deny_request',
      'deny_with_reason',
      'cancel_request',
    ]);
    await stage.click(BOB, asked, 'approve_request');
    const running = await stage.seeRequest(id, /At work: step 2 of 2 · about (2 min|\d0 s) left/);
    expect(running.buttons.map(({ action_id }) => action_id)).toEqual(['cancel_request']);

    await stage.click(CAROL, running, 'cancel_request');
    expect((await stage.see('they or an approver can cancel it')).ephemeralFor).toBe(CAROL);
    await stage.click(ALICE, running, 'cancel_request');
    expect((await stage.see('is being cancelled: what it has done')).ephemeralFor).toBe(ALICE);
    const stopping = await stage.seeRequest(id, `<@${ALICE}> cancelled it`);
    expect(stopping.buttons).toEqual([]);
    letGo();
    const ended = await stage.seeRequest(id, /\*Cancelled\* by <@U0ALICE>/, 30_000);
    expect(ended.words).toMatch(/\*Taken back\*: .*forward.*; .*keep blog.*Nothing of it is left/);
    const word = await stage.see(/^<@U0ALICE> <@U0BOB> .*Cancelled/);
    expect(word.thread_ts).toBe(ended.ts);
    expect((await curl(`http://${stand.address}:18223/`)).code).toBe(7);
  });

  it('are told by the doctor what the bot and the worker see, and by nobody that a worker is missed', async () => {
    await stage.type(ALICE, 'doctor');
    const bot = await stage.see('as the bot sees it');
    expect(bot.words).toMatch(/ok · \*Slack: connection\*: by Socket Mode/);
    expect(bot.words).toMatch(/ok · \*Slack: this channel\*/);
    expect(bot.words).toMatch(/ok · \*Redis: eviction\*/);
    const worker = await stage.see('as the worker sees it', 20_000);
    expect(worker.words).toMatch(/ok · \*host sandbox\*: LXD 5\.0\.2-sandbox answers/);
    expect([bot.ephemeralFor, worker.ephemeralFor]).toEqual([ALICE, ALICE]);
    await new Promise((resolve) => setTimeout(resolve, 6_000));
    expect((await stage.messages()).filter(({ text }) => text.includes('none has taken up'))).toEqual([]);
  });
});
