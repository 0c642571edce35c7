/** Slack's requests by HTTP: only its own, only fresh, each only once; acked at once whatever follows. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../stage/until.ts';
import { openSlackSide, type SlackSide, sign } from './slack-side.ts';

describe('a request to /slack/events', () => {
  let side: SlackSide;
  beforeAll(async () => {
    side = await openSlackSide();
  });
  afterAll(() => side.close());

  const form = { command: '/lxd', text: 'help', user_id: 'U0ALICE', channel_id: 'C0DOORS', response_url: '' };
  const now = () => Math.floor(Date.now() / 1_000);
  const bodyOf = (fields: Record<string, string>) => new URLSearchParams(fields).toString();

  it('is carried out when it is signed, fresh and new', async () => {
    expect((await side.command('help')).status).toBe(200);
    await until(async () => side.slack.responses.find(({ text }) => text.includes('expose')), 'the help');
    expect(side.slack.responses.every(({ response_type }) => response_type === 'ephemeral')).toBe(true);
  });

  it('is refused without a signature, with a wrong one, and when its body was changed', async () => {
    const url = `http://127.0.0.1:${side.port}/slack/events`;
    expect((await fetch(url, { method: 'POST', body: bodyOf(form) })).status).toBe(401);
    expect((await side.post(form, now(), 'v0=00')).status).toBe(401);
    expect(
      (await side.post({ ...form, text: 'expose blog 80' }, now(), sign(bodyOf(form), now()))).status,
    ).toBe(401);
  });

  it('is refused when it is older than five minutes or from the future', async () => {
    expect((await side.post(form, now() - 301)).status).toBe(401);
    expect((await side.post(form, now() + 400)).status).toBe(401);
    expect((await side.post(form, now() + 100)).status).toBe(200);
  });

  it('is refused the second time', async () => {
    const fields = { ...form, trigger_id: 'once' };
    const at = now();
    expect((await side.post(fields, at)).status).toBe(200);
    expect((await side.post(fields, at)).status).toBe(401);
  });

  it('is refused when it is huge, and answered when it is nonsense', async () => {
    expect((await side.post({ ...form, text: 'x'.repeat(1_100_000) })).status).toBe(413);
    expect((await side.post({ payload: '{not json' })).status).toBe(400);
    const url = `http://127.0.0.1:${side.port}/slack/events`;
    expect((await fetch(url)).status).toBe(404);
  });

  it('tells its health: alive, ready, metrics', async () => {
    const base = `http://127.0.0.1:${side.port}`;
    expect((await fetch(`${base}/healthz`)).status).toBe(200);
    expect(await (await fetch(`${base}/readyz`)).json()).toEqual({ redis: 'ok', slack: 'ok' });
    expect(await (await fetch(`${base}/metrics`)).text()).toMatch(
      /drawbridge_commands_total\{action="help"\} [1-9]/,
    );
    side.slack.fault = () => 'down';
    expect((await fetch(`${base}/readyz`)).status).toBe(503);
    side.slack.fault = undefined;
  });

  it('of somebody without a role is refused in private', async () => {
    await side.command('expose blog 80', 'U0MALLORY');
    await until(
      async () => side.slack.responses.find(({ text }) => text.includes('`expose` is for operators')),
      'the refusal',
    );
    expect(await side.records.requests.latest(10)).toEqual([]);
  });

  it('in a channel without the bot says how to invite it, and leaves nothing behind', async () => {
    side.slack.foreign.add('C0FOREIGN');
    await side.command('expose blog 80', 'U0ALICE', 'C0FOREIGN');
    await until(
      async () => side.slack.responses.find(({ text }) => text.includes('/invite @drawbridge')),
      'the invitation',
    );
    expect(await side.records.requests.latest(10)).toEqual([]);
    expect(await side.queues.depths()).toMatchObject({ plan: 0 });
  });

  it('about a host or an instance becomes a request, and a look becomes none', async () => {
    const before = (await side.records.requests.latest(50)).length;
    for (const text of ['restart blog', 'host drain web9', 'launch debian/12 web expose 80'])
      await side.command(text, 'U0ALICE', 'C0DOORS');
    const requests = async () => {
      const all = await side.records.requests.latest(50);
      return all.length === before + 3 ? all : undefined;
    };
    const asked = (await until(requests, 'three requests')).map((record) => record.asked.command.action);
    expect(asked.slice(0, 3).sort()).toEqual(['host drain', 'launch', 'restart']);
    await side.command('logs blog 5', 'U0ALICE', 'C0DOORS');
    await until(async () => ((await side.queues.depths()).look === 1 ? true : undefined), 'the look');
    expect(await side.records.requests.latest(50)).toHaveLength(before + 3);
  });

  it('is acked within a moment, also while Slack’s own API hangs or is down', async () => {
    side.slack.fault = () => 'down';
    const begun = performance.now();
    expect((await side.command('expose blog 80', 'U0ALICE', 'C0LATER')).status).toBe(200);
    expect(performance.now() - begun).toBeLessThan(3_000);
    await until(
      async () => ((await side.queues.depths()).plan === 4 ? true : undefined),
      'the job to be queued',
    );
    side.slack.fault = undefined;
  });
});
