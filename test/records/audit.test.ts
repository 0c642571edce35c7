/** The audit in Redis: its order and lists, many who write at once, what goes wrong on the way, and no secrets. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { checkEnd, checkNext, UNCHECKED } from '../../src/core/audit/audit-chain.ts';
import { type Audit, createAudit } from '../../src/records/audit.ts';
import type { Redis } from '../../src/records/redis.ts';
import { type PrivateRedis, startPrivateRedis } from '../support/private-redis.ts';
import { randomFrom } from '../support/random.ts';

const PREFIX = '{test-audit}';
const CHAIN = `${PREFIX}:audit:chain`;
const HEAD = `${PREFIX}:audit:head`;

let server: PrivateRedis;
let redis: Redis;

beforeAll(async () => {
  server = await startPrivateRedis();
  redis = await server.connect();
});
beforeEach(async () => {
  await redis.flushall();
});
afterAll(() => server?.stop());

async function checked(audit: Audit) {
  let check = UNCHECKED;
  for await (const page of audit.rows()) check = page.reduce(checkNext, check);
  return checkEnd(check, await audit.head());
}

test('the order and the time are kept, for all and for each request', async () => {
  let now = 100;
  const audit = createAudit(redis, PREFIX, () => now++);
  await audit.add({ kind: 'asked', request: 'req-1', user: 'UALICE', what: 'expose blog 80' });
  await audit.add({ kind: 'refused', user: 'UBOB', what: 'expose' });
  await audit.add({ kind: 'asked', request: 'req-2', user: 'UBOB', what: 'expose wiki 80' });
  for (let index = 0; index < 20; index += 1)
    await audit.add({ kind: 'step_done', request: 'req-1', what: `step ${index}` });
  const one = await audit.of('req-1');
  expect(one.map(({ what }) => what)).toEqual([
    'expose blog 80',
    ...Array.from({ length: 20 }, (_, index) => `step ${index}`),
  ]);
  expect(one.map(({ at }) => at)).toEqual([100, ...Array.from({ length: 20 }, (_, index) => 103 + index)]);
  expect(one[0]).toEqual({
    kind: 'asked',
    request: 'req-1',
    user: 'UALICE',
    what: 'expose blog 80',
    at: 100,
  });
  expect(await audit.of('req-none')).toEqual([]);
  expect(await redis.xlen(CHAIN)).toBe(23);
  expect(await checked(audit)).toMatchObject({ rows: 23, head: { count: 23 } });
});

describe('writers at once', () => {
  test('of eight connections, all entries are kept, each once, in one chain', async () => {
    const audits = await Promise.all(
      Array.from({ length: 8 }, async () => createAudit(await server.connect(), PREFIX)),
    );
    const each = 40;
    const begun = performance.now();
    await Promise.all(
      audits.map(async (audit, writer) => {
        for (let index = 0; index < each; index += 1)
          await audit.add({ kind: 'step_done', request: `req-${writer}`, what: `${writer} ${index}` });
      }),
    );
    const took = performance.now() - begun;
    const audit = createAudit(redis, PREFIX);
    expect(await checked(audit)).toMatchObject({ rows: 8 * each, head: { count: 8 * each } });
    expect((await checked(audit)).found).toBeUndefined();
    for (const writer of audits.keys()) {
      const own = (await audit.of(`req-${writer}`)).map(({ what }) => what);
      expect(own).toEqual(Array.from({ length: each }, (_, index) => `${writer} ${index}`));
    }
    // Far above what it takes; a writer that starves would wait for ever.
    expect(took).toBeLessThan(20_000);
  });

  test('of one process go together, and keep their order', async () => {
    const audit = createAudit(redis, PREFIX);
    const words = Array.from({ length: 1_000 }, (_, index) => `entry ${index}`);
    await Promise.all(words.map((what) => audit.add({ kind: 'asked', what })));
    const kept = (await audit.after(0, 2_000)).map(({ what }) => what);
    expect(kept).toEqual(words);
    expect((await checked(audit)).found).toBeUndefined();
  });
});

describe('what goes wrong', () => {
  test('an entry that Redis does not take is not lost in silence, and the next ones are kept', async () => {
    const audit = createAudit(redis, PREFIX);
    await audit.add({ kind: 'asked', what: 'before' });
    await redis.set(`${HEAD}-kept`, (await redis.get(HEAD)) ?? '');
    await redis.rename(CHAIN, `${CHAIN}-kept`);
    await redis.set(CHAIN, 'no stream');
    await expect(audit.add({ kind: 'asked', what: 'lost' })).rejects.toThrow();
    await redis.rename(`${CHAIN}-kept`, CHAIN);
    await audit.add({ kind: 'asked', what: 'after' });
    expect((await audit.after(0, 10)).map(({ what }) => what)).toEqual(['before', 'after']);
    expect((await checked(audit)).found).toBeUndefined();
  });

  test('a connection that is cut fails the entry', async () => {
    const own = await server.connect({ patient: false });
    const audit = createAudit(own, PREFIX);
    own.disconnect();
    await expect(audit.add({ kind: 'asked', what: 'lost' })).rejects.toThrow();
  });

  test('a batch whose answer was lost and that is sent again is kept once', async () => {
    // The client sends again what had no answer when the connection was cut: the same command twice, as here.
    const twice = new Proxy(redis, {
      get(target, name) {
        if (name !== 'eval') return Reflect.get(target, name) as unknown;
        return async (...args: Parameters<Redis['eval']>) => {
          await target.eval(...args);
          return target.eval(...args);
        };
      },
    });
    const audit = createAudit(twice, PREFIX);
    await Promise.all([1, 2, 3].map((index) => audit.add({ kind: 'asked', what: `entry ${index}` })));
    await audit.add({ kind: 'asked', what: 'entry 4' });
    expect((await audit.after(0, 10)).map(({ what }) => what)).toEqual([
      'entry 1',
      'entry 2',
      'entry 3',
      'entry 4',
    ]);
    expect((await checked(audit)).found).toBeUndefined();
  });

  test('a head that was put back stops all writing, and says what to do', async () => {
    const audit = createAudit(redis, PREFIX);
    await audit.add({ kind: 'asked', what: 'one' });
    const early = (await redis.get(HEAD)) ?? '';
    await audit.add({ kind: 'asked', what: 'two' });
    await redis.set(HEAD, early);
    await expect(audit.add({ kind: 'asked', what: 'three' })).rejects.toMatchObject({
      code: 'audit_broken',
      message: expect.stringContaining('npm run audit -- verify'),
    });
    expect((await checked(audit)).found).toMatchObject({ what: 'not_the_head', seq: 2 });
  });
});

describe('looking entries up', () => {
  let audit: Audit;
  let now = 0;
  const found = async (search: Parameters<Audit['search']>[0]) => {
    const { entries, more } = await audit.search(search);
    return [...entries.map(({ what }) => what), ...(more ? ['…'] : [])];
  };

  beforeEach(async () => {
    now = 0;
    audit = createAudit(redis, PREFIX, () => (now += 1_000_000));
    const add = (what: string, parts: object) => audit.add({ kind: 'asked', what, ...parts });
    await add('1 blog asked', { request: 'req-1', user: 'U1', about: 'blog' });
    await add('2 blog planned', { request: 'req-1', about: 'web1/blog' });
    await add('3 db looked', { user: 'U2', about: 'web2/db' });
    await add('4 blog done', { request: 'req-1' });
    await add('5 wiki asked', { request: 'req-2', user: 'U1', about: 'wiki' });
    await add('6 blog looked', { user: 'U2', about: 'blog' });
  });

  test.each<[Parameters<Audit['search']>[0], string[]]>([
    [{ most: 2 }, ['6 blog looked', '5 wiki asked', '…']],
    [{ most: 2, before: 5 }, ['4 blog done', '3 db looked', '…']],
    [{ most: 2, before: 3 }, ['2 blog planned', '1 blog asked']],
    [{ most: 9, since: 5_000_000 }, ['6 blog looked', '5 wiki asked']],
    [{ most: 9, of: { user: 'U1' } }, ['5 wiki asked', '1 blog asked']],
    [{ most: 9, of: { request: 'req-1' } }, ['4 blog done', '2 blog planned', '1 blog asked']],
    [{ most: 9, of: { about: 'blog' } }, ['6 blog looked', '4 blog done', '2 blog planned', '1 blog asked']],
    [{ most: 9, of: { about: 'web1/blog' } }, ['4 blog done', '2 blog planned', '1 blog asked']],
    [{ most: 2, of: { about: 'blog' }, before: 6 }, ['4 blog done', '2 blog planned', '…']],
    [{ most: 9, of: { about: 'blog' }, since: 4_000_000 }, ['6 blog looked', '4 blog done']],
    [{ most: 9, of: { about: 'nothing' } }, []],
  ])('%j', async (search, words) => {
    expect(await found(search)).toEqual(words);
  });

  test('goes through more than fits into one page', async () => {
    const words = Array.from({ length: 1_200 }, (_, index) => `more ${index}`);
    await Promise.all(words.map((what) => audit.add({ kind: 'looked', user: 'U9', what })));
    for (const search of [
      { most: 5_000, since: 6_500_000 },
      { most: 5_000, of: { user: 'U9' } },
    ])
      expect(await found(search)).toEqual([...words].reverse());
  });
});

describe('secrets', () => {
  const SECRETS = [
    'xoxb-12345678-planted',
    'xapp-1-A0-planted',
    'ghp_plantedplantedplanted12',
    'AKIAPLANTED1234567',
    'sk_live_plantedplanted',
    'eyJhbGciOi.planted.planted',
    'password=planted',
    'PGPASSWORD=planted',
    'token: planted',
    'Authorization: Bearer planted',
    'bearer planted123456',
    'api_key=planted',
    'postgres://app:planted@db/app',
    '-----BEGIN OPENSSH PRIVATE KEY-----\nplanted\nplanted\n-----END OPENSSH PRIVATE KEY-----',
    '-----BEGIN RSA PRIVATE KEY-----\r\nplanted\r\n-----END RSA PRIVATE KEY-----',
  ];
  const AROUND = ['', 'expose blog 80 because ', 'failed: ', '"', "'", '(', 'a\n', '<@U1> said: ', 'x, '];
  const BEHIND = ['', '"', "'", ')', ', and so on', '\nmore', ' [x]'];

  test('are never in Redis, wherever they stood in a text', async () => {
    const random = randomFrom(20_261_125);
    const audit = createAudit(redis, PREFIX);
    const kinds = ['asked', 'looked', 'refused', 'planned', 'step_failed', 'proof', 'ended'] as const;
    const texts = Array.from({ length: 600 }, (_, index) => {
      const secret = SECRETS[index % SECRETS.length] ?? '';
      return random.pick(AROUND) + secret + random.pick(BEHIND);
    });
    await Promise.all(
      texts.map((what) => audit.add({ kind: random.pick(kinds), request: 'req-1', user: 'U1', what })),
    );
    const kept: string[] = [];
    for (const row of await redis.xrange(CHAIN, '-', '+')) kept.push(JSON.stringify(row));
    expect(kept).toHaveLength(600);
    expect(kept.filter((row) => /planted/i.test(row))).toEqual([]);
    expect(kept.filter((row) => row.includes('•••'))).toHaveLength(600);
  });

  test('are no names and no plans, either', async () => {
    const audit = createAudit(redis, PREFIX);
    const names = [
      'xoxb-1-planted-2',
      'web1/AKIAPLANTED1234567',
      `planted${'0a'.repeat(16)}`,
      `server:public/planted${'0a'.repeat(16)}`,
    ];
    for (const about of names) await audit.add({ kind: 'looked', about, plan: `planted ${about}`, what: '' });
    const long = 'customer-web-frontend-production-copy-1';
    await audit.add({ kind: 'looked', about: `web1/${long}`, what: '' });
    expect((await redis.keys('*')).filter((key) => /planted/i.test(key))).toEqual([]);
    expect(JSON.stringify(await redis.xrange(CHAIN, '-', '+'))).not.toMatch(/planted/i);
    expect((await audit.search({ of: { about: long }, most: 9 })).entries).toMatchObject([{ seq: 5 }]);
  });

  test('are told from fingerprints, which the audit is there to keep', async () => {
    const audit = createAudit(redis, PREFIX);
    const plan = '0123456789abcdef0123456789abcdef';
    const what = 'trust SHA256:uNiVztksCsDhcc0u9e8BrrJXVnDE8BqVvpPNvZlnUtc at 198.51.100.7:22 for web1/blog';
    await audit.add({ kind: 'planned', request: 'req-1', plan, what });
    expect(await audit.of('req-1')).toMatchObject([{ plan, what }]);
  });

  test('or not, what is kept is one line', async () => {
    const audit = createAudit(redis, PREFIX);
    await audit.add({ kind: 'ended', request: 'req-1', what: 'one\r\ntwo\nthree\u2028four' });
    expect((await audit.of('req-1'))[0]?.what).toBe('one two three four');
  });
});
