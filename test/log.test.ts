/** Planted secrets never reach the output, whichever way they get into a line; what is no secret stays readable. */
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { Fault } from '../src/errors.ts';
import { createLog, type Log } from '../src/log.ts';
import { Secret } from '../src/secret.ts';

const KEY = '-----BEGIN OPENSSH PRIVATE KEY-----\nplanted\nplanted\n-----END OPENSSH PRIVATE KEY-----';

/** What a log writes, as one text. */
async function written(readable: boolean, use: (log: Log) => void): Promise<string> {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  use(createLog({ level: 'trace', readable, destination }));
  await expect.poll(() => lines.length).toBeGreaterThan(0);
  return lines.join('');
}

const planted: [way: string, use: (log: Log) => void][] = [
  ['a bot token in the text', (log) => log.info('token xoxb-1-planted-2')],
  ['a user token in the text', (log) => log.info('token xoxp-planted')],
  ['a rotated token in the text', (log) => log.info('token xoxe.xoxb-1-planted')],
  ['an app token in the text', (log) => log.info('token xapp-1-planted')],
  ['a token in a field of any name', (log) => log.info({ harmless: 'xoxb-planted' }, 'x')],
  ['a token deep inside', (log) => log.info({ a: { b: { c: { d: { e: ['xoxb-planted'] } } } } }, 'x')],
  ['a token as the name of a field', (log) => log.info({ 'xoxb-planted': 1 }, 'x')],
  ['a token in an error', (log) => log.error({ err: new Error('calling with xoxb-planted') }, 'x')],
  [
    'a token in the cause of an error',
    (log) => log.error({ err: new Fault('slack_failed', 'x', { cause: new Error('xapp-planted') }) }, 'x'),
  ],
  [
    'the headers of a failed call',
    (log) => {
      const config = { headers: { Authorization: 'Bearer xoxb-planted', authorization: 'planted' } };
      log.error({ err: Object.assign(new Error('x'), { config }) }, 'x');
    },
  ],
  ['a header', (log) => log.info({ headers: { authorization: 'planted', Authorization: 'planted' } }, 'x')],
  ['a field token', (log) => log.info({ token: 'planted' }, 'x')],
  ['a field botToken', (log) => log.info({ slack: { botToken: 'planted' } }, 'x')],
  ['a field appToken', (log) => log.info({ config: { slack: { appToken: 'planted' } } }, 'x')],
  ['a field signingSecret', (log) => log.info({ signingSecret: 'planted' }, 'x')],
  ['a field password', (log) => log.info({ redis: { password: 'planted' } }, 'x')],
  ['a field privateKey', (log) => log.info({ host: { ssh: { privateKey: 'planted' } } }, 'x')],
  ['a field key', (log) => log.info({ tls: { key: 'planted' } }, 'x')],
  ['a field response_url', (log) => log.info({ response_url: 'planted' }, 'x')],
  ['a field responseUrl', (log) => log.info({ command: { responseUrl: 'planted' } }, 'x')],
  ['a child logger', (log) => log.child({ token: 'planted', at: 'xoxb-planted' }).info('x')],
  ['a private answer’s address', (log) => log.info('to https://hooks.slack.com/commands/T1/2/planted')],
  ['a webhook’s address', (log) => log.info({ url: 'https://hooks.slack.com/services/T1/B2/planted' }, 'x')],
  ['a password in an address', (log) => log.info('redis://user:planted@localhost:6379/0')],
  ['a password without a user', (log) => log.info('rediss://:planted@localhost/0')],
  ['a password with an at sign', (log) => log.info('redis://user:planted@planted@localhost/0')],
  ['passwords in two addresses', (log) => log.info('redis://a:planted@h:1/0 and redis://b:planted@h:2/0')],
  ['a private key', (log) => log.info(KEY)],
  ['a private key in an error', (log) => log.error({ err: new Error(`cannot parse ${KEY}`) }, 'x')],
  ['an RSA key', (log) => log.info(KEY.replaceAll('OPENSSH', 'RSA'))],
  ['a key without a kind', (log) => log.info(KEY.replaceAll('OPENSSH ', ''))],
  ['a private key that is cut off', (log) => log.info({ said: KEY.slice(0, 60) }, 'x')],
  ['a Secret', (log) => log.info({ anything: new Secret('planted') }, `and ${new Secret('planted')}`)],
];

describe.each([
  ['JSON', false],
  ['readable lines', true],
])('in %s', (_, readable) => {
  test.each(planted)('%s is cut out', async (_way, use) => {
    const text = await written(readable, use);
    expect(text).not.toContain('planted');
    expect(text).toContain('[redacted]');
  });

  test('what is no secret stays', async () => {
    const text = await written(readable, (log) =>
      log.info({ request: 'req-a1', host: 'web1', ms: 12 }, 'door at http://198.51.100.11:8080 opened'),
    );
    for (const part of ['req-a1', 'web1', '12', 'door at http://198.51.100.11:8080 opened'])
      expect(text).toContain(part);
    expect(text).not.toContain('[redacted]');
  });
});

describe('JSON', () => {
  test.each(planted)('stays JSON with %s', async (_way, use) => {
    const text = await written(false, use);
    for (const line of text.trim().split('\n'))
      expect(JSON.parse(line)).toMatchObject({ level: expect.any(String) });
  });

  test('an address and an e-mail address beside it are no password', async () => {
    const fields = { url: 'http://localhost:3000', from: 'alice@example.net' };
    expect(JSON.parse(await written(false, (log) => log.info(fields, 'x')))).toMatchObject(fields);
  });

  test('only the secret goes out of a line', async () => {
    const use = (log: Log) => log.info({ token: 'planted', request: 'req-a1' }, 'at redis://u:planted@h:1/0');
    expect(JSON.parse(await written(false, use))).toEqual({
      level: 'info',
      time: expect.any(Number),
      token: '[redacted]',
      request: 'req-a1',
      msg: 'at redis://u:[redacted]@h:1/0',
    });
  });
});

test('readable lines are no JSON', async () => {
  const text = await written(true, (log) => log.warn({ host: 'web1' }, 'no answer'));
  expect(text).toMatch(/WARN.*no answer/);
  expect(text).not.toMatch(/^\{/);
});

test('what is below the level is not written', async () => {
  const lines: string[] = [];
  const log = createLog({
    level: 'warn',
    readable: false,
    destination: { write: (line) => void lines.push(line) },
  });
  log.info('quiet');
  log.warn('loud');
  expect(lines.map((line) => JSON.parse(line).msg)).toEqual(['loud']);
});

test('a Secret shows itself nowhere but where it is revealed', () => {
  const secret = new Secret('planted');
  const shown = [
    String(secret),
    `${secret}`,
    JSON.stringify({ secret }),
    inspect(secret),
    inspect({ deep: [secret] }, { depth: 9, showHidden: true }),
    JSON.stringify(Object.entries(secret)),
    JSON.stringify(structuredClone({ ...secret })),
  ];
  expect(shown.join('\n')).not.toContain('planted');
  expect(secret.reveal()).toBe('planted');
});
