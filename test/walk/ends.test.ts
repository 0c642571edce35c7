/** A door with an end: warned of, extended by the button with an approval, and closed by Drawbridge in its thread. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findLocalSlack } from '../../src/sandbox/local-slack.ts';
import { curl } from '../stage/curl.ts';
import { raiseSandboxStage, type SandboxStage } from '../stage/sandbox-stage.ts';
import { ALICE, BOB, type Stage } from '../stage/stage.ts';
import { until } from '../stage/until.ts';

const EMULATOR = findLocalSlack();

describe.runIf(EMULATOR !== undefined)('a door with an end (needs the emulator local-slack)', () => {
  let stand: SandboxStage;
  let stage: Stage;

  beforeAll(async () => {
    stand = await raiseSandboxStage({ ports: 18_100, workers: 2 });
    stage = stand.stage;
  });
  afterAll(() => stand?.close());

  it('is warned of, extended by a button after an approval, and closed when its end has come', {
    timeout: 180_000,
  }, async () => {
    const id = await stage.ask(ALICE, 'expose blog 80 as 18124 for 2m');
    const waiting = await stage.seeRequest(id, 'this end depends on Drawbridge running');
    await stage.click(BOB, waiting, 'approve_request');
    await stage.seeRequest(id, 'proven');
    const theDoor = async () => {
      const [door] = await stage.records.doors.list();
      if (door?.endsAt === undefined) throw new Error('no door with an end');
      return { ...door, endsAt: door.endsAt };
    };
    // As if a minute and a half had passed.
    const door = await theDoor();
    const endsAt = Date.now() + 45_000;
    await stage.records.doors.moveEnd(door.id, door.endsAt, endsAt);

    const warning = await stage.see('unless somebody extends it', 40_000);
    expect(warning.text).toContain(`<@${ALICE}>`);
    expect(warning.thread_ts).toBe(waiting.ts);
    await stage.click(ALICE, warning, 'extend_door');
    const extension = await stage.see('*Extend sandbox/blog 80', 30_000);
    expect(extension.words).toContain('by 2m');
    const asking = await stage.see(/Extend sandbox\/blog 80[\s\S]*Needs approval/, 30_000);
    expect((await theDoor()).endsAt).toBe(endsAt);
    await stage.click(BOB, asking, 'approve_request');
    await stage.see(/Extend sandbox\/blog 80[\s\S]*Done/, 30_000);
    expect((await theDoor()).endsAt).toBe(endsAt + 120_000);

    const { endsAt: later, ...rest } = await theDoor();
    await stage.records.doors.put({ ...rest, endsAt: later - 3_600_000 });
    const closed = await stage.see(/^<@U0ALICE> <@U0BOB>[\s\S]*Closed[\s\S]*Its end had come/, 40_000);
    expect(closed.thread_ts).toBe(waiting.ts);
    await until(
      async () => ((await stage.records.doors.list()).length === 0 ? true : undefined),
      'the register to be empty',
    );
    expect((await curl(`http://${stand.address}:18124/`)).code).toBe(7);
    const closings = (await stage.records.requests.latest(20)).filter(
      ({ asked }) => asked.byItself !== undefined,
    );
    expect(closings.map(({ asked }) => asked.id)).toEqual([`${id}e1`]);
  });
});
