/** `npm start` on a machine that has nothing but Node: in-process Redis, emulated Slack, sandbox host; and what it says when parts clash. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startAll } from '../../jobs/start.ts';
import { loadConfig } from '../../src/config.ts';
import { createLog } from '../../src/log.ts';
import type { Running } from '../../src/run-process.ts';
import { CHANNEL, findLocalSlack } from '../../src/sandbox/local-slack.ts';
import { until } from '../stage/until.ts';

const log = createLog({ level: 'silent', readable: false });
const missing = findLocalSlack() === undefined;
const name = missing ? 'npm start (needs local-slack, which has no package for this platform)' : 'npm start';

describe.skipIf(missing)(`${name} without redis-server`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'db-embedded-'));
  const config = { ...loadConfig({ DRAWBRIDGE_DATA: folder, LOG_LEVEL: 'silent' }), searchPath: '', port: 0 };
  let said = '';
  let page = '';
  let running: Running;

  beforeAll(async () => {
    const write = process.stdout.write.bind(process.stdout);
    process.stdout.write = ((text: string) => {
      said += text;
      return true;
    }) as typeof process.stdout.write;
    running = await startAll(config, log).finally(() => {
      process.stdout.write = write;
    });
    page = /Open {2}(http:\S+)/.exec(said)?.[1] ?? '';
  });
  afterAll(async () => {
    await running.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  interface Raw {
    ts: string;
    blocks?: {
      type: string;
      block_id?: string;
      text?: { text: string };
      elements?: { action_id?: string; value?: string }[];
    }[];
  }
  const post = (path: string, body: object) =>
    fetch(`${page}/_control/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const newest = (words: string) =>
    until(async () => {
      const answer = (await (await fetch(`${page}/_control/messages/${CHANNEL}`)).json()) as
        | Raw[]
        | { messages: Raw[] };
      return (Array.isArray(answer) ? answer : answer.messages).findLast((message) =>
        JSON.stringify(message.blocks ?? '').includes(words),
      );
    }, words);

  it('says loudly that nothing is kept', () => {
    expect(said).toMatch(/stand-in in this process, NOT DURABLE/);
    expect(said).toMatch(/LXD: (a stand-in|this machine’s own)/);
  });

  it('does the main job all the same', async () => {
    await post('command', {
      channel: CHANNEL,
      user: 'U0ALICE',
      command: '/lxd',
      text: 'expose shop 80 as 18080',
    });
    const asked = await newest('approve_request');
    const block = asked.blocks?.find(({ type }) => type === 'actions');
    const action = { type: 'button', ...block?.elements?.[0], block_id: block?.block_id };
    await post('interact', { channel: CHANNEL, messageTs: asked.ts, user: 'U0BOB', action });
    await newest('and proven');
    expect(await (await fetch('http://127.0.0.1:18080/')).text()).toContain('<title>shop</title>');
  });
});

describe('npm start with a Slack but no configuration file', () => {
  it('says what is missing before it starts anything', async () => {
    const config = loadConfig({ SLACK_BOT_TOKEN: 'xoxb-1', SLACK_APP_TOKEN: 'xapp-1', LOG_LEVEL: 'silent' });
    await expect(startAll(config, log)).rejects.toThrow(
      /no configuration file[\s\S]*docs\/drawbridge\.example\.yaml/,
    );
  });
});
