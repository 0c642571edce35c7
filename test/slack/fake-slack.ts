/** A strict Slack Web API on loopback: keeps messages, checks limits, counts the pace, and breaks on request. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { violationsOfInputs } from './input-violations.ts';

export interface FakeMessage {
  channel: string;
  ts: string;
  text: string;
  blocks: { type: string; [key: string]: unknown }[];
  thread_ts?: string;
  /** Set on ephemeral ones. */
  user?: string;
}

export interface FakeView {
  id: string;
  type: 'home' | 'modal';
  /** Slack's mark of this version of it. */
  hash: string;
  /** Somebody closed it. */
  closed?: boolean;
  blocks: FakeMessage['blocks'];
  [key: string]: unknown;
}

export interface FakeSlack {
  url: string;
  messages: FakeMessage[];
  /** The Home of each person, and how often it was published. */
  homes: Map<string, { view: FakeView; published: number }>;
  /** Modals as they were opened, in order. */
  modals: FakeView[];
  /** Every call in order: method, when (ms), and channel. */
  calls: { method: string; at: number; channel: string }[];
  /** What broke Slack's rules. */
  violations: string[];
  /** Answers the next call to a method, or every one while it is a function. */
  fault?: ((method: string) => 'ok' | 'down' | { retryAfter: number } | { error: string }) | undefined;
  /** The answer to a call that has taken effect is held back until this ends. */
  holdAnswer?: ((method: string) => Promise<void>) | undefined;
  /** Channels in which the bot is no member. */
  foreign: Set<string>;
  groups: Record<string, string[]>;
  /** The bot's, as Slack tells them with every answer; undefined: it does not. */
  scopes: string[] | undefined;
  /** Answers posted to response_url. */
  responses: { text: string; response_type?: string }[];
  responseUrl: string;
  close(): Promise<void>;
}

export async function startFakeSlack(): Promise<FakeSlack> {
  let clock = 1_700_000_000;
  const state: Omit<FakeSlack, 'url' | 'responseUrl' | 'close'> = {
    messages: [],
    homes: new Map(),
    modals: [],
    calls: [],
    violations: [],
    foreign: new Set(),
    groups: {},
    scopes: undefined,
    responses: [],
  };
  const fake = state as FakeSlack;
  const server = createServer(async (request, response) => {
    const body = await bodyOf(request);
    const method = (request.url ?? '').replace(/^\/api\//, '').split('?')[0] ?? '';
    if (method === '/respond') {
      fake.responses.push(body as { text: string });
      return reply(response, 200, { ok: true });
    }
    const fault = fake.fault?.(method) ?? 'ok';
    if (fault === 'down') return void request.socket.destroy();
    if (typeof fault === 'object' && 'retryAfter' in fault) {
      response.setHeader('retry-after', String(fault.retryAfter));
      return reply(response, 429, { ok: false, error: 'ratelimited' });
    }
    if (typeof fault === 'object') return reply(response, 200, { ok: false, error: fault.error });
    fake.calls.push({ method, at: Date.now(), channel: String(body.channel ?? body.user_id ?? '') });
    clock += 1;
    if (fake.scopes !== undefined) response.setHeader('x-oauth-scopes', fake.scopes.join(','));
    const answered = answer(method, body, fake, `${clock}.000100`);
    await fake.holdAnswer?.(method);
    return reply(response, 200, answered);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  fake.url = `http://127.0.0.1:${port}/api/`;
  fake.responseUrl = `http://127.0.0.1:${port}/respond`;
  fake.close = () =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return fake;
}

function answer(method: string, body: Record<string, unknown>, fake: FakeSlack, ts: string): object {
  const channel = String(body.channel ?? '');
  if (method === 'auth.test')
    return {
      ok: true,
      user_id: 'U0BOT',
      bot_id: 'B0BOT',
      team_id: 'T0',
      user: 'drawbridge',
      team: 'T',
      url: '',
    };
  if (method === 'usergroups.users.list')
    return { ok: true, users: fake.groups[String(body.usergroup)] ?? [] };
  if (method === 'conversations.info') {
    if (fake.scopes?.includes('channels:read') !== true) return { ok: false, error: 'missing_scope' };
    return { ok: true, channel: { id: channel, is_member: !fake.foreign.has(channel) } };
  }
  if (method.startsWith('views.')) return answerViews(method, body, fake);
  if (!method.startsWith('chat.')) return { ok: false, error: 'unknown_method' };
  if (fake.foreign.has(channel)) return { ok: false, error: 'not_in_channel' };
  if (method === 'chat.getPermalink') {
    const linked = fake.messages.find((each) => each.ts === body.message_ts);
    if (linked === undefined) return { ok: false, error: 'message_not_found' };
    return { ok: true, permalink: `https://t.slack.com/archives/${channel}/p${linked.ts.replace('.', '')}` };
  }
  if (method === 'chat.delete') {
    fake.messages.splice(0, fake.messages.length, ...fake.messages.filter((each) => each.ts !== body.ts));
    return { ok: true };
  }
  const blocks = (
    typeof body.blocks === 'string' ? JSON.parse(body.blocks) : (body.blocks ?? [])
  ) as FakeMessage['blocks'];
  const message: FakeMessage = { channel, ts, text: String(body.text ?? ''), blocks };
  if (typeof body.thread_ts === 'string') message.thread_ts = body.thread_ts;
  if (typeof body.user === 'string') message.user = body.user;
  fake.violations.push(...violationsOf(message));
  if (method !== 'chat.update') {
    fake.messages.push(message);
    return { ok: true, channel, ts, message_ts: ts };
  }
  const old = fake.messages.find((each) => each.ts === body.ts);
  if (old === undefined) return { ok: false, error: 'message_not_found' };
  Object.assign(old, { text: message.text, blocks });
  return { ok: true, channel, ts: old.ts };
}

function answerViews(method: string, body: Record<string, unknown>, fake: FakeSlack): object {
  const given = (typeof body.view === 'string' ? JSON.parse(body.view) : body.view) as FakeView;
  fake.violations.push(...violationsOfView(given));
  const view: FakeView = { ...given, id: `V${fake.calls.length}`, hash: `${fake.calls.length}.h` };
  if (method === 'views.publish') {
    const user = String(body.user_id);
    fake.homes.set(user, { view, published: (fake.homes.get(user)?.published ?? 0) + 1 });
  } else if (method === 'views.open') {
    if (String(body.trigger_id).startsWith('expired')) return { ok: false, error: 'expired_trigger_id' };
    fake.modals.push(view);
  } else {
    const old = fake.modals.find(({ id }) => id === body.view_id);
    if (old === undefined || old.closed) return { ok: false, error: 'not_found' };
    if (body.hash !== undefined && body.hash !== old.hash) return { ok: false, error: 'hash_conflict' };
    Object.assign(old, given, { hash: view.hash });
    return { ok: true, view: old };
  }
  return { ok: true, view };
}

/** Slack's published limits ("views.publish", "Views"). */
export function violationsOfView(view: Pick<FakeView, 'type' | 'blocks'>): string[] {
  const found = [...violationsOfBlocks(view.blocks), ...violationsOfInputs(view.blocks)];
  const { private_metadata = '' } = view as { private_metadata?: string };
  if (private_metadata.length > 3_000) found.push('private_metadata');
  if (view.blocks.length > 100) found.push(`${view.blocks.length} blocks in a view`);
  const bytes = Buffer.byteLength(JSON.stringify(view));
  if (bytes > 250_000) found.push(`a view of ${bytes} bytes`);
  for (const name of ['title', 'submit', 'close']) {
    const words = (view as Record<string, unknown>)[name] as { text: string } | undefined;
    if (words !== undefined && words.text.length > 24) found.push(`${name} of a view`);
  }
  if (view.type === 'modal' && !('title' in view)) found.push('a modal without a title');
  return found;
}

/** Slack's published limits ("Block Kit reference", "chat.postMessage"). */
export function violationsOf({ text, blocks }: Pick<FakeMessage, 'text' | 'blocks'>): string[] {
  const found: string[] = [];
  if (text === '') found.push('no text for notifications');
  if (text.length > 40_000) found.push(`text of ${text.length}`);
  if (blocks.length > 50) found.push(`${blocks.length} blocks`);
  return [...found, ...violationsOfBlocks(blocks)];
}

function violationsOfBlocks(blocks: FakeMessage['blocks']): string[] {
  const found: string[] = [];
  for (const block of blocks) {
    const inner = block.text as { text: string } | undefined;
    const elements = (block.elements ?? []) as {
      text?: string | { text: string };
      value?: string;
      action_id?: string;
    }[];
    if (block.type === 'section' && (inner === undefined || inner.text === '' || inner.text.length > 3_000))
      found.push('section text');
    if (block.type === 'context' && (elements.length > 10 || elements.length === 0))
      found.push('context elements');
    const accessory = block.accessory as
      | {
          text: { text: string };
          value: string;
          confirm?: { title: { text: string }; text: { text: string } };
        }
      | undefined;
    if ((accessory?.text.text.length ?? 0) > 75 || (accessory?.value.length ?? 0) > 2_000)
      found.push('button of a section');
    if (
      (accessory?.confirm?.title.text.length ?? 0) > 100 ||
      (accessory?.confirm?.text.text.length ?? 0) > 300
    )
      found.push('dialog of a button');
    if (block.type === 'actions' && (elements.length === 0 || elements.length > 25)) found.push('actions');
    if (String(block.block_id ?? '').length > 255) found.push('block_id');
    for (const element of elements) {
      const words = typeof element.text === 'string' ? element.text : (element.text?.text ?? '');
      if (block.type === 'actions' && words.length > 75) found.push('button text');
      if (block.type === 'context' && (words === '' || words.length > 3_000)) found.push('context text');
      if ((element.value?.length ?? 0) > 2_000) found.push('button value');
    }
  }
  return found;
}

async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  if (request.headers['content-type']?.startsWith('application/json') === true)
    return JSON.parse(text || '{}');
  return Object.fromEntries(new URLSearchParams(text));
}

function reply(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
