/** Panic as people meet it: one question, one button, for those whom the policy names, also where the bot is no member. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../stage/until.ts';
import { openSlackSide, planOf, type SlackSide } from './slack-side.ts';

describe('panic in Slack', () => {
  let side: SlackSide;
  beforeAll(async () => {
    side = await openSlackSide();
  });
  afterAll(async () => {
    expect(side.slack.violations).toEqual([]);
    await side.close();
  });

  const answered = (words: string) =>
    until(
      async () => side.slack.responses.find((reply) => JSON.stringify(reply).includes(words)),
      `an answer with ${words}`,
    );
  const press = (user: string, value: string, channel = 'C0DOORS') =>
    side.interact({
      type: 'block_actions',
      user: { id: user },
      channel: { id: channel },
      container: { type: 'message' },
      response_url: side.slack.responseUrl,
      actions: [{ type: 'button', action_id: 'panic_now', block_id: 'b', value }],
    });
  const panics = async () =>
    (await side.records.requests.latest(50)).filter(({ asked }) => asked.command.action === 'panic');

  it('asks first, with how many doors, and does nothing before the button', async () => {
    const { door } = planOf('req-one');
    const proof = { state: 'proven', seen: 'answered' } as const;
    const base = { owner: 'U0ALICE', request: 'req-one', openedAt: 1, proof, publicAddress: '198.51.100.11' };
    await side.records.doors.put({ ...door, ...base });
    await side.records.doors.put({ ...door, ...base, id: 'door-two', host: 'web2' });
    await side.command('panic web1 because somebody is in', 'U0BOB');
    const reply = await answered('Close 1 door on web1');
    expect(JSON.stringify(reply)).toContain('"value":"panic web1 because somebody is in"');
    await side.command('panic', 'U0BOB');
    await answered('Close 2 doors on all hosts');
    expect(await panics()).toEqual([]);
    expect(await side.records.panic.list()).toEqual([]);
  });

  it('is refused to those whom the policy does not name, at the command and at the button', async () => {
    await side.command('panic', 'U0ALICE');
    await answered('is for approvers');
    await press('U0ALICE', 'panic all');
    await until(
      async () =>
        (await side.records.audit.after(0, 100)).filter(({ kind }) => kind === 'refused').length === 2 ||
        undefined,
      'the refusals in the audit',
    );
    expect(await panics()).toEqual([]);
    expect(await side.records.panic.list()).toEqual([]);
  });

  it('holds openings from the click on, whoever works, and asks a worker to close', async () => {
    await press('U0BOB', 'panic web1 because somebody is in');
    await answered('shows how it goes');
    const [request] = await until(
      async () => ((await panics()).length > 0 ? panics() : undefined),
      'the request',
    );
    expect(request?.asked).toMatchObject({
      requester: 'U0BOB',
      channel: 'C0DOORS',
      command: { action: 'panic', host: 'web1', reason: 'somebody is in' },
    });
    expect(await side.records.panic.on('web1')).toMatchObject({ by: 'U0BOB', host: 'web1' });
    expect(await side.records.panic.on('web2')).toBeUndefined();
  });

  it('does not wait for an invitation into a channel', async () => {
    side.slack.foreign.add('C0OTHER');
    await press('U0BOB', 'panic all', 'C0OTHER');
    await answered('a direct message shows how it goes');
    const [request] = await panics();
    expect(request?.asked.channel).toBe('U0BOB');
  });

  it('takes nothing else for its button', async () => {
    const before = (await panics()).length;
    await press('U0BOB', 'panic off');
    await press('U0BOB', 'delete blog');
    await answered('That button is too old');
    expect(await panics()).toHaveLength(before);
  });

  it('stands on every Home while it holds', async () => {
    await side.event({ type: 'app_home_opened', user: 'U0ALICE', tab: 'home', channel: 'D1' });
    const home = await until(async () => side.slack.homes.get('U0ALICE'), 'the Home of Alice');
    expect(JSON.stringify(home)).toContain('*Panic* for web1, called by <@U0BOB>');
  });
});
