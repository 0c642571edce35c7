/**
 * The menu and the form behind `expose`, by signed HTTP before the strict fake Slack. No worker runs: what one would see is put into the
 * records, or is not.
 */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { SeenInstance } from '../../src/core/pick-instances.ts';
import type { FormNews } from '../../src/records/outbox.ts';
import { deliverForm } from '../../src/slack/form/show-form.ts';
import { until } from '../stage/until.ts';
import { hold } from '../support/hold.ts';
import type { FakeView } from './fake-slack.ts';
import { violationsOfOptions } from './input-violations.ts';
import { openSlackSide, type SlackSide } from './slack-side.ts';

/** Slack waits three seconds for options; the machine of the tests may be busy. */
const OPTIONS_MS = 1_500;

let side: SlackSide;
const warnings: string[] = [];
beforeAll(async () => {
  const when = { ports: [{ from: 22, to: 22 }] };
  const rules = [{ name: 'no ssh', when, end: 'refuse', text: 'SSH stays inside' }] as const;
  side = await openSlackSide({ networks: { office: ['10.1.0.0/16'] } }, { warnings, rules });
});
afterEach(() => {
  side.slack.fault = undefined;
  side.slack.holdAnswer = undefined;
  expect(side.slack.violations).toEqual([]);
});
afterAll(() => side.close());

const words = (view: FakeView | undefined) => JSON.stringify(view?.blocks ?? []);
const see = (modal: FakeView, text: string, ms = 15_000) =>
  until(async () => (words(modal).includes(text) ? modal : undefined), `a form with “${text}”`, ms);
const instances = (count: number): SeenInstance[] =>
  Array.from({ length: count }, (_, index) => ({ name: `app-${index}`, status: 'Running' }));
const seeHosts = async (hosts: Record<string, number>) => {
  for (const { host } of await side.records.inventory.list()) await side.records.inventory.remove(host);
  for (const [host, count] of Object.entries(hosts)) await side.records.inventory.put(host, instances(count));
};
const tell = (view: FakeView, news: FormNews) =>
  side.records.outbox.add(`form-${view.id}`, { kind: 'form', view: view.id, news });

/** Types `/lxd expose`, and waits for the form that Slack shows. */
async function openForm(text = 'expose', user = 'U0ALICE', channel = 'C0DOORS'): Promise<FakeView> {
  const before = side.slack.modals.length;
  expect((await side.command(text, user, channel)).status).toBe(200);
  return until(async () => side.slack.modals[before], 'the form');
}

async function choose(view: FakeView, value: string, at = Date.now() / 1_000, action_id = 'instance_listed') {
  const type = action_id === 'instance_listed' ? 'static_select' : 'external_select';
  return side.interact({
    type: 'block_actions',
    user: { id: 'U0ALICE' },
    view,
    actions: [{ type, block_id: 'instance', action_id, action_ts: String(at), selected_option: { value } }],
  });
}

const option = (value: string) => ({ selected_option: { value } });
async function send(view: FakeView, filled: Record<string, object>, user = 'U0ALICE') {
  const values = Object.fromEntries(
    Object.entries(filled).map(([block, value]) => [
      block,
      { [block === 'instance' ? 'instance_listed' : 'value']: value },
    ]),
  );
  const response = await side.interact({
    type: 'view_submission',
    user: { id: user },
    view: { ...view, state: { values } },
  });
  const body = await response.text();
  return body === ''
    ? undefined
    : (JSON.parse(body) as { response_action: string; errors?: object; view?: FakeView });
}

describe('/lxd alone', () => {
  const press = (action_id: string, value: object, more: object = {}) =>
    side.interact({
      type: 'block_actions',
      user: { id: 'U0ALICE' },
      channel: { id: 'C0DOORS' },
      response_url: side.slack.responseUrl,
      actions: [{ type: 'button', action_id, block_id: 'x', value: JSON.stringify(value), action_ts: '1.1' }],
      ...more,
    });

  it('shows the menu privately; a mention alone does so, too', async () => {
    await side.command('  ');
    const menu = () => side.slack.responses.find(({ text }) => text.startsWith('Drawbridge opens doors'));
    expect(await until(async () => menu(), 'the menu')).toMatchObject({ response_type: 'ephemeral' });
    const event = { type: 'app_mention', user: 'U0ALICE', text: '<@U0BOT>', channel: 'C0MENU', ts: '1.5' };
    await side.event(event);
    const said = () => side.slack.messages.find(({ channel }) => channel === 'C0MENU');
    expect(await until(async () => said(), 'the menu')).toMatchObject({ user: 'U0ALICE' });
  });

  it.each([
    ['menu_doors', 'No doors are open'],
    ['menu_requests', 'No requests yet'],
    ['menu_help', 'opens doors to LXD instances, and looks after'],
  ])('has a button %s that says its command', async (action, answer) => {
    const before = side.slack.responses.length;
    await press(action, { channel: 'C0DOORS' });
    const told = () =>
      side.slack.responses.slice(before).find((each) => JSON.stringify(each).includes(answer));
    await until(async () => told(), answer);
  });

  it('has a button for the instances, which are looked at by a worker, and answers in the thread it stands in', async () => {
    await press('menu_list', { channel: 'C0DOORS', thread: '1700.9' });
    await until(async () => ((await side.queues.depths()).look > 0 ? true : undefined), 'the look');
    await press('menu_doors', { channel: 'C0DOORS', thread: '1700.9' });
    const told = () => side.slack.messages.find(({ thread_ts }) => thread_ts === '1700.9');
    expect((await until(async () => told(), 'the answer')).text).toContain('No doors are open');
  });

  it('shows only one’s own requests behind “My requests”', async () => {
    await side.waiting('req-alice');
    await side.waiting('req-bob', { requester: 'U0BOB' });
    const before = side.slack.responses.length;
    await side.command('requests mine');
    const told = await until(async () => side.slack.responses[before], 'the requests');
    expect(told.text).toContain('req-alice');
    expect(told.text).not.toContain('req-bob');
  });

  it('has a button that opens the form, for the thread it stands in', async () => {
    const before = side.slack.modals.length;
    await press('menu_expose', { channel: 'C0DOORS', thread: '1700.9' });
    const form = await until(async () => side.slack.modals[before], 'the form');
    expect(JSON.parse(String(form.private_metadata))).toEqual({ channel: 'C0DOORS', thread: '1700.9' });
  });
});

describe('/lxd expose alone', () => {
  it('opens a form at once, fills it with what was last seen, and has the workers look', async () => {
    await seeHosts({ web1: 2, web2: 1 });
    const before = (await side.queues.depths()).look;
    const form = await openForm();
    expect((await see(form, 'web2/app-0')).blocks.length).toBeGreaterThan(5);
    expect(words(form)).toContain('Looking at the hosts');
    await until(async () => ((await side.queues.depths()).look > before ? true : undefined), 'the look');
    await side.records.inventory.put('web3', [{ name: 'new', status: 'Stopped' }]);
    await tell(form, 'hosts');
    await see(form, 'web3/new · stopped');
    expect(words(form)).not.toContain('Looking at the hosts');
  });

  it('says after a few seconds that the hosts do not answer, and the name can be typed', async () => {
    await seeHosts({});
    const form = await openForm();
    await see(form, 'The hosts do not answer in time');
    expect(words(form)).toContain('typed_instance');
    await side.records.inventory.put('web1', instances(1));
    await tell(form, 'hosts');
    expect(words(await see(form, 'web1/app-0'))).toContain('typed_instance');
    expect(
      await send(form, { typed_instance: { value: 'web9/late' }, typed_port: { value: '80' } }),
    ).toBeUndefined();
    const asked = async () => (await side.records.requests.latest(1))[0]?.asked;
    await until(
      async () => ((await asked())?.text === 'expose web9/late 80' ? true : undefined),
      'a request',
    );
  });

  it('shows the ports of the instance that is chosen, and drops those of another', async () => {
    await seeHosts({ web1: 2 });
    const form = await openForm();
    await see(form, 'web1/app-1');
    // Slack's word of a choice may have crossed a change of the form.
    await choose({ ...form, hash: 'an older one' }, 'web1/app-0', 100);
    await see(form, 'Looking what listens in `web1/app-0`');
    await choose(form, 'web1/app-1', 101);
    await see(form, 'Looking what listens in `web1/app-1`');
    // A click that comes late was made before.
    await choose(form, 'web1/app-0', 100.5);
    const at = (port: number) => [{ protocol: 'tcp' as const, address: '0.0.0.0', port }];
    await tell(form, { host: 'web1', instance: 'app-0', listeners: at(8081) });
    await tell(form, { host: 'web1', instance: 'app-1', listeners: at(8082) });
    await see(form, '8082');
    expect(words(form)).not.toContain('8081');
    await tell(form, { host: 'web1', instance: 'app-1' });
    await see(form, 'cannot be seen');
  });

  it('says that an instance’s host does not answer where no worker comes', async () => {
    await seeHosts({ web1: 1 });
    const form = await openForm();
    await see(form, 'web1/app-0');
    await choose(form, 'web1/app-0');
    await see(form, 'The host of `web1/app-0` does not answer in time');
  });

  it('becomes a request in the same place, as if typed', async () => {
    await seeHosts({ web1: 1 });
    const form = await openForm('expose', 'U0ALICE', 'C0FORM');
    await see(form, 'web1/app-0');
    const refused = await send(form, {
      instance: option('web1/app-0'),
      'port-abc': option('80'),
      typed_port: { value: null },
      networks: { selected_options: [{ value: 'office' }] },
      cidrs: { value: '192.0.2.7' },
      lasts: option('-'),
      road: option('forward'),
      public_side: { value: '8080' },
      reason: { value: 'a demo' },
    });
    expect(refused).toBeUndefined();
    const text = 'expose web1/app-0 80 as 8080 from office,192.0.2.7 via forward because a demo';
    const asked = async () =>
      (await side.records.requests.latest(5)).find(({ asked: { channel } }) => channel === 'C0FORM')?.asked;
    expect(await until(asked, 'the request')).toMatchObject({
      text,
      requester: 'U0ALICE',
      command: { sources: ['10.1.0.0/16', '192.0.2.7/32'] },
    });
    await until(
      async () => ((await side.records.forms.get(form.id)) === undefined ? true : undefined),
      'the form to be forgotten',
    );
  });

  it.each<[string, Record<string, object>, string, string]>([
    ['no instance', { typed_instance: {}, typed_port: { value: '80' } }, 'typed_instance', 'Which instance'],
    ['no port', { typed_instance: { value: 'blog' }, typed_port: {} }, 'typed_port', 'Which port'],
    [
      'an odd network',
      { typed_instance: { value: 'blog' }, typed_port: { value: '80' }, cidrs: { value: 'ofice' } },
      'cidrs',
      'Did you mean "office"?',
    ],
    [
      'an odd public side',
      { typed_instance: { value: 'blog' }, typed_port: { value: '80' }, public_side: { value: 'x' } },
      'public_side',
      'neither a port',
    ],
  ])('says under the field what was not understood: %s', async (_, filled, block, message) => {
    const answer = await send(await openForm(), filled);
    expect(answer).toEqual({
      response_action: 'errors',
      errors: { [block]: expect.stringContaining(message) },
    });
  });

  it('shows in the form what a rule refuses at once, and keeps what was filled in below it', async () => {
    const filled = { typed_instance: { value: 'blog' }, typed_port: { value: '22' } };
    const answer = await send(await openForm(), filled);
    expect(answer?.response_action).toBe('push');
    expect(words(answer?.view)).toContain('SSH stays inside.');
    const entries = await side.records.audit.search({ most: 20 });
    expect(entries.entries.map(({ what }) => what)).toContainEqual(
      expect.stringContaining('expose blog 22: '),
    );
  });

  it('tells somebody without the right so, instead of the form', async () => {
    await seeHosts({ web1: 1 });
    const form = await openForm('expose', 'U0MALLORY');
    await see(form, 'is for operators');
    expect(form.submit).toBeUndefined();
    expect(words(form)).not.toContain('app-0');
    const suggested = await suggest('app', 'U0MALLORY');
    expect(suggested.options).toEqual([]);
  });

  it('that was closed is left alone, without an error', async () => {
    await seeHosts({ web1: 1 });
    const form = await openForm();
    await see(form, 'web1/app-0');
    warnings.length = 0;
    form.closed = true;
    await tell(form, 'hosts');
    const forgotten = async () => ((await side.records.forms.get(form.id)) === undefined ? true : undefined);
    await until(forgotten, 'the form to be forgotten');
    await tell(form, 'hosts');
    await until(
      async () => ((await side.records.outbox.waiting()) === 0 ? true : undefined),
      'an empty outbox',
    );
    expect(warnings).toEqual([]);
  });

  it('that is closed while a change is on its way is not kept by that change', async () => {
    const form = await openForm();
    await until(async () => (await side.records.forms.get(form.id))?.hash, 'the form to be shown');
    const { held, letGo } = hold();
    let changing = false;
    side.slack.holdAnswer = async (method) => {
      if (method !== 'views.update') return;
      changing = true;
      await held;
    };
    await tell(form, 'hosts');
    await until(async () => (changing ? true : undefined), 'a change on its way');
    form.closed = true;
    await side.interact({ type: 'view_closed', user: { id: 'U0ALICE' }, view: form, is_cleared: false });
    letGo();
    await until(
      async () => ((await side.records.forms.get(form.id)) === undefined ? true : undefined),
      'the form to be forgotten',
    );
    await until(
      async () => ((await side.records.outbox.waiting()) === 0 ? true : undefined),
      'an empty outbox',
    );
    expect(await side.records.forms.get(form.id)).toBeUndefined();
  });

  it('is not changed by what is older than what it shows', async () => {
    await seeHosts({ web1: 1 });
    const form = await openForm();
    await see(form, 'web1/app-0');
    warnings.length = 0;
    form.hash = 'changed elsewhere';
    const shown = words(form);
    await tell(form, 'hosts');
    await until(
      async () => ((await side.records.outbox.waiting()) === 0 ? true : undefined),
      'an empty outbox',
    );
    expect(words(form)).toBe(shown);
    expect(warnings).toEqual([]);
    await choose(form, 'web1/app-0');
    await see(form, 'Looking what listens in `web1/app-0`');
  });

  it('comes late in the outbox where Slack is slow, and not at all after a minute', async () => {
    await seeHosts({ web1: 1 });
    const form = await openForm();
    await see(form, 'web1/app-0');
    let refused = 0;
    side.slack.fault = (method) => {
      if (method !== 'views.update' || refused > 0) return 'ok';
      refused += 1;
      return { retryAfter: 1 };
    };
    await side.records.inventory.put('web2', instances(1));
    await tell(form, 'hosts');
    await see(form, 'web2/app-0');
    expect(refused).toBe(1);
    const untouched = {} as Parameters<typeof deliverForm>[2];
    expect(await deliverForm({ view: form.id, news: 'hosts' }, 61_000, untouched)).toBe('nothing');
  });

  it('by a mention, which can open none, is a button that does', async () => {
    const event = {
      type: 'app_mention',
      user: 'U0ALICE',
      text: '<@U0BOT> expose',
      channel: 'C0ASK',
      ts: '2.5',
    };
    await side.event(event);
    const said = await until(
      async () => side.slack.messages.find(({ channel }) => channel === 'C0ASK'),
      'the button',
    );
    expect(JSON.stringify(said.blocks)).toContain('menu_expose');
  });

  it('in the form of the shortcut takes its place, for the channel that is chosen', async () => {
    await seeHosts({ web1: 1 });
    const before = side.slack.modals.length;
    await side.interact({
      type: 'shortcut',
      callback_id: 'drawbridge_command_anywhere',
      user: { id: 'U0ALICE' },
    });
    const form = await until(async () => side.slack.modals[before], 'the form');
    const values = {
      command: { value: { type: 'plain_text_input', value: 'expose' } },
      channel: { value: { selected_conversation: 'C0CHOSEN' } },
    };
    const view = { ...form, state: { values } };
    const response = await side.interact({ type: 'view_submission', user: { id: 'U0ALICE' }, view });
    expect(await response.json()).toMatchObject({ response_action: 'update' });
    await see(form, 'web1/app-0');
    expect(JSON.parse(String(form.private_metadata))).toEqual({ channel: 'C0CHOSEN' });
  });

  it('that Slack does not open in time says what to type', async () => {
    const form = { command: '/lxd', text: 'expose', user_id: 'U0BOB', channel_id: 'C0DOORS' };
    await side.post({ ...form, response_url: side.slack.responseUrl, trigger_id: 'expired.2' });
    const told = () => side.slack.messages.find(({ channel }) => channel === 'U0BOB');
    expect((await until(async () => told(), 'the word')).text).toContain('/lxd expose blog 80');
  });
});

async function suggest(value: string, user = 'U0ALICE') {
  const begun = performance.now();
  const response = await side.interact({
    type: 'block_suggestion',
    user: { id: user },
    block_id: 'instance',
    action_id: 'instance_found',
    value,
  });
  const body = (await response.json()) as {
    options?: { value: string; text: { text: string; type: string } }[];
    option_groups?: {
      label: { text: string };
      options: { value: string; text: { text: string; type: string } }[];
    }[];
  };
  const took = performance.now() - begun;
  const [group] = body.option_groups ?? [];
  return { options: body.options ?? group?.options ?? [], label: group?.label.text, took };
}

describe('of 10,000 instances on 20 hosts', () => {
  beforeAll(() =>
    seeHosts(Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`web${index}`, 500]))),
  );

  it('the picker answers in time, whether it has looked before or not', async () => {
    const times: number[] = [];
    for (const typed of ['', 'app-4', 'web17/app-499', 'p-33', 'nothing like it']) {
      const { options, took } = await suggest(typed);
      times.push(Math.round(took));
      expect(violationsOfOptions(options)).toEqual([]);
    }
    await side.records.inventory.put('web20', [{ name: 'fresh', status: 'Running' }]);
    const fresh = async () => {
      const { options, took } = await suggest('fresh');
      times.push(Math.round(took));
      return options.length === 1 ? true : undefined;
    };
    await until(fresh, 'an instance that is new');
    await side.records.inventory.remove('web20');
    console.log(`options of 10,000 instances: at most ${Math.max(...times)} ms, ${times.length} times`);
    expect(Math.max(...times)).toBeLessThan(OPTIONS_MS);
  });

  it('the best hundred are shown, with a word on the rest', async () => {
    const { options, label } = await suggest('');
    expect(options).toHaveLength(100);
    expect(label).toMatch(/^The first 100 of 1000[01]: type on$/);
    expect((await suggest('web17/app-499')).options).toMatchObject([{ value: 'web17/app-499' }]);
    expect((await suggest('nothing like it')).options).toEqual([]);
  });

  it('one is chosen as from a short list', async () => {
    const form = await openForm();
    await see(form, 'external_select');
    await choose(form, 'web17/app-499', 100, 'instance_found');
    await see(form, 'Looking what listens in `web17/app-499`');
    expect(words(form)).toContain('"initial_option":{"text":{"type":"plain_text","text":"web17/app-499');
  });
});
