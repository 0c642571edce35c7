/**
 * Whatever arrives signed as Slack's: payloads with parts missing, of another kind or of somebody else. The bot answers all of them, lives on,
 * and nobody gets a right by the shape of a message.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { randomFrom } from '../support/random.ts';
import { openSlackSide, type SlackSide } from './slack-side.ts';

/** `DRAWBRIDGE_FUZZ=100000` takes some minutes. */
const ROUNDS = Number(process.env.DRAWBRIDGE_FUZZ ?? 5_000);
const AT_ONCE = 24;
const TARGET = 'req-target';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type Sent = { form: Record<string, string> } | { json: Json };

const random = randomFrom(20_261_125);

/** None of them may decide on anything. */
const USERS = ['U0ALICE', 'U0MALLORY', 'U0BOT', '', 'U0BOB ', 'u0bob', '<@U0BOB>'];
const JUNK: readonly Json[] = [
  ...[null, true, false, 0, -1, Number.MAX_SAFE_INTEGER, '', ' ', '\u0000', '😀', '\ud83d', '__proto__'],
  ...[
    'constructor',
    '{}',
    '[]',
    'null',
    'x'.repeat(5_000),
    '<!channel>',
    '../../etc/passwd',
    '$(id)',
    '%s%n',
    TARGET,
  ],
  ...[[], {}, [[]], [null], { id: null }, { id: { id: 'U0BOB' } }, { toString: 'x' }, { map: 1 }, ['U0BOB']],
];
const TEXTS = [
  ...[
    '',
    'help',
    'doors',
    'list',
    'expose blog 80',
    'expose',
    'plan expose blog 80',
    'panic',
    'panic off',
    'audit',
  ],
  ...[
    'requests',
    `requests ${TARGET}`,
    'unexpose blog 80',
    'host delete web1',
    'expose blog 80 because "',
    '\u202e',
  ],
];
const ACTIONS = [
  ...[
    'approve_request',
    'deny_request',
    'deny_with_reason',
    'cancel_request',
    'close_door',
    'extend_door',
    'repair_difference',
    'adopt_difference',
    'close_difference',
    'approve_removals',
    'panic_now',
  ],
  ...['home_newer', 'home_older', 'menu_expose', 'nobody_knows_this', ''],
];
const VIEWS = [
  'drawbridge_command',
  'drawbridge_deny',
  'drawbridge_expose',
  'drawbridge_command_anywhere',
  'x',
];

function command(): Sent {
  return {
    form: {
      ...{ command: '/lxd', text: random.pick(TEXTS), user_id: random.pick(USERS), channel_id: 'C0FUZZ' },
      ...{ team_id: 'T0', trigger_id: '1', response_url: side.slack.responseUrl },
    },
  };
}

function click(): Json {
  const action = {
    ...{ type: 'button', action_id: random.pick(ACTIONS), block_id: `plan-${fingerprint}` },
    value: random.pick([TARGET, 'door-x', 'panic all', '1', 'req-nobody', '{}']),
  };
  const message = { ts: '1.1', thread_ts: '1.0', text: 'x', blocks: [] };
  return { ...interaction('block_actions'), actions: [action], message, container: { type: 'message' } };
}

function interaction(type: string): { [key: string]: Json } {
  return {
    ...{ type, team: { id: 'T0' }, user: { id: random.pick(USERS) }, channel: { id: 'C0FUZZ' } },
    ...{ trigger_id: '1', response_url: side.slack.responseUrl, api_app_id: 'A0' },
  };
}

function shortcut(): Json {
  return { ...interaction('shortcut'), callback_id: random.pick(VIEWS) };
}

function messageShortcut(): Json {
  return {
    ...interaction('message_action'),
    callback_id: random.pick(VIEWS),
    message: { ts: '1.1', text: 'x' },
    message_ts: '1.1',
  };
}

function view(): Json {
  const values = { command: { value: { type: 'plain_text_input', value: random.pick(TEXTS) } } };
  const metadata = random.pick([
    '',
    '{',
    '{}',
    `{"request":"${TARGET}","channel":"C0FUZZ"}`,
    '[]',
    'null',
    '"x"',
  ]);
  return {
    ...interaction(random.pick(['view_submission', 'view_closed'])),
    view: {
      id: 'V1',
      type: 'modal',
      callback_id: random.pick(VIEWS),
      private_metadata: metadata,
      state: { values },
    },
  };
}

function event(): Json {
  const type = random.pick(['app_mention', 'app_home_opened', 'message', 'member_joined_channel']);
  return {
    ...{ type: 'event_callback', team_id: 'T0', event_id: `Ev${random.below(1e9)}` },
    event: {
      ...{ type, user: random.pick(USERS), channel: 'C0FUZZ', ts: `17${random.below(1e8)}.1`, tab: 'home' },
      text: `<@U0BOT> ${random.pick(TEXTS)}`,
    },
  };
}

function payload(): Sent {
  const kind = random.below(6);
  if (kind === 0) return mutatedForm(command());
  if (kind === 1) return { json: mutated(event()) };
  const made = [click, view, shortcut, messageShortcut][kind - 2]?.();
  return { form: { payload: JSON.stringify(mutated(made ?? null)) } };
}

function mutatedForm(sent: Sent): Sent {
  if (!('form' in sent)) return sent;
  const entries = Object.entries(sent.form).filter(() => random.below(12) > 0);
  return {
    form: Object.fromEntries(
      entries.map(([key, value]) => [key, random.below(12) > 0 ? value : JSON.stringify(random.pick(JUNK))]),
    ),
  };
}

/** A few of its parts are taken out, or something else stands there. */
function mutated(value: Json): Json {
  if (random.below(80) === 0) return random.pick(JUNK);
  if (Array.isArray(value)) return value.map(mutated);
  if (value === null || typeof value !== 'object') return value;
  const kept = Object.entries(value).filter(() => random.below(60) > 0);
  return Object.fromEntries(kept.map(([key, part]) => [key, mutated(part)]));
}

let side: SlackSide;
let fingerprint = '';
const crashes: string[] = [];
const note = (error: unknown) => void crashes.push(String(error));

describe('payloads that are not as Slack makes them', () => {
  beforeAll(async () => {
    process.on('unhandledRejection', note);
    process.on('uncaughtException', note);
    side = await openSlackSide();
    fingerprint = (await side.waiting(TARGET, { channel: 'C0TARGET', requester: 'U0ERIN' })).fingerprint;
  });
  afterAll(async () => {
    process.off('unhandledRejection', note);
    process.off('uncaughtException', note);
    await side.close();
  });

  /** A connection that idled is closed by the server, perhaps at the very moment at which it is used: then on another one. */
  const send = (what: Sent, number: number): Promise<Response> => {
    const once = (nonce: string) =>
      'form' in what
        ? side.post({ ...what.form, nonce })
        : side.event(what.json as Record<string, unknown>, `Ev${nonce}`);
    return once(String(number)).catch(() => once(`${number}-again`));
  };

  it(`are answered, ${ROUNDS} of them, and decide, open and break nothing`, {
    timeout: 900_000,
  }, async () => {
    const answers = new Map<number, number>();
    const complaints: string[] = [];
    let sent = 0;
    const next = async (): Promise<void> => {
      for (; sent < ROUNDS && complaints.length < 10; ) {
        sent += 1;
        const what = payload();
        const response = await send(what, sent);
        await response.arrayBuffer();
        answers.set(response.status, (answers.get(response.status) ?? 0) + 1);
        if (response.status >= 500)
          complaints.push(`${response.status} to ${JSON.stringify(what).slice(0, 600)}`);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, next));
    expect(complaints).toEqual([]);
    expect(crashes).toEqual([]);
    // Enough of them are taken for what they nearly are, or the fuzz would only ever knock at the gate.
    expect(answers.get(200)).toBeGreaterThan(ROUNDS / 4);

    const { records } = side;
    expect(await records.decisions.get(TARGET, fingerprint)).toBeUndefined();
    expect((await records.requests.get(TARGET))?.state).toBe('waiting');
    expect(await records.panic.list()).toEqual([]);
    expect(await records.doors.list()).toEqual([]);
    const asked = await records.requests.latest(ROUNDS);
    expect(new Set(asked.map(({ asked: { requester } }) => requester))).toEqual(
      new Set(['U0ALICE', 'U0ERIN']),
    );
    const before = side.slack.responses.length;
    await side.command('doors');
    await expect
      .poll(() =>
        side.slack.responses
          .slice(before)
          .map(({ text }) => text)
          .join(),
      )
      .toContain('No doors are open');
  });
});
