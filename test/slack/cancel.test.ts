/** The button Cancel and `/lxd cancel`: who may, until when, and that everybody is told what came of it. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { until } from '../stage/until.ts';
import { openSlackSide, type SlackSide } from './slack-side.ts';

let side: SlackSide;
beforeAll(async () => {
  side = await openSlackSide();
});
afterAll(() => side.close());

/** What the person is told, privately, after pressing Cancel under a request. */
async function press(user: string, id: string): Promise<string> {
  const before = side.slack.responses.length;
  await side.interact({
    type: 'block_actions',
    user: { id: user },
    actions: [{ type: 'button', action_id: 'cancel_request', value: id, block_id: 'cancel' }],
    response_url: side.slack.responseUrl,
  });
  return until(async () => side.slack.responses[before]?.text, 'an answer');
}

const outcome = async (id: string) => (await side.records.requests.get(id))?.outcome;

/** The message of a request, once a text stands in it. */
const shown = (channel: string, words: string) =>
  until(async () => {
    const message = side.slack.messages.find(
      (each) => each.channel === channel && each.thread_ts === undefined,
    );
    const text = JSON.stringify(message ?? '');
    return text.includes(words) ? text : undefined;
  }, `a message with ${words}`);

it('takes back what waits for approval, by its requester or by somebody who could decide, and by nobody else', async () => {
  await side.waiting('req-mine');
  expect(await press('U0CAROL', 'req-mine')).toContain('they or an approver can cancel it');
  expect(await press('U0ALICE', 'req-mine')).toBe('`req-mine` is cancelled. Nothing was changed.');
  await side.waiting('req-other');
  expect(await press('U0DAVE', 'req-other')).toContain('is cancelled');
  expect(await press('U0ALICE', 'req-other')).toContain('Too late');
  expect(await press('U0ALICE', 'req-nobody')).toContain('There is no request');
  const clicks = (await side.records.audit.of('req-mine')).filter(({ kind }) => kind === 'clicked');
  expect(clicks.map(({ user, what }) => [user, what])).toEqual([
    ['U0CAROL', 'Cancel'],
    ['U0ALICE', 'Cancel'],
  ]);
});

it('ends what was approved and has not begun, and the worker finds it ended', async () => {
  const plan = await side.waiting('req-soon');
  const before = side.slack.responses.length;
  await side.click('U0BOB', 'approve_request', 'req-soon', plan);
  await until(async () => side.slack.responses[before], 'the answer to the approval');
  expect(await side.records.decisions.get('req-soon', plan.fingerprint)).toBeDefined();
  expect(await press('U0ALICE', 'req-soon')).toContain(
    'is cancelled before its first step. Nothing was changed',
  );
  expect(await outcome('req-soon')).toEqual({ kind: 'cancelled', by: 'U0ALICE' });
  expect(await side.records.requests.move('req-soon', ['waiting'], 'applying')).toBe(false);
});

it('is kept as a wish while steps run, said in the message, and counts once', async () => {
  await side.waiting('req-runs', { channel: 'C0RUNS' });
  await side.records.requests.resetSteps('req-runs', 1);
  await side.records.requests.move('req-runs', ['waiting'], 'applying');
  await side.records.outbox.add('C0RUNS', { kind: 'request', request: 'req-runs' });
  expect(await shown('C0RUNS', 'At work')).toContain('"cancel_request"');
  expect(await press('U0CAROL', 'req-runs')).toContain('they or an approver can cancel it');
  expect(await press('U0BOB', 'req-runs')).toContain('is being cancelled: what it has done is taken back');
  expect(await press('U0ALICE', 'req-runs')).toBe('`req-runs` is being cancelled already, by <@U0BOB>.');
  expect(await shown('C0RUNS', '<@U0BOB> cancelled it')).not.toContain('"cancel_request"');
  expect((await side.records.requests.get('req-runs'))?.cancelWish).toMatchObject({ by: 'U0BOB' });
  const kinds = (await side.records.audit.of('req-runs')).map(({ kind }) => kind);
  expect(kinds.filter((kind) => kind === 'cancel_wished')).toHaveLength(1);
});

it('comes too late once nothing takes the step back, and says why', async () => {
  await side.waiting('req-sealed', { channel: 'C0SEALED' });
  await side.records.requests.move('req-sealed', ['waiting'], 'applying');
  await side.records.requests.seal('req-sealed', 'all its steps are done');
  expect(await press('U0ALICE', 'req-sealed')).toContain(
    'goes on to its end, for all its steps are done. `/lxd unexpose`',
  );
  await side.records.outbox.add('C0SEALED', { kind: 'request', request: 'req-sealed' });
  expect(await shown('C0SEALED', 'At work')).not.toContain('"cancel_request"');
});
