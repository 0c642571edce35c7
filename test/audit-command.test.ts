/** The audit on the command line, as a process of its own on a real Redis: what was done to the chain behind its back is found. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runAuditCommand } from '../src/audit-command.ts';
import { loadConfig } from '../src/config.ts';
import { type ChainedEntry, chained, NO_ENTRIES } from '../src/core/audit/audit-chain.ts';
import { createLog } from '../src/log.ts';
import { type Audit, createAudit } from '../src/records/audit.ts';
import type { Redis } from '../src/records/redis.ts';
import { buildProgram } from './stage/built-worker.ts';
import { type PrivateRedis, startPrivateRedis } from './support/private-redis.ts';

const CHAIN = '{audit-cli}:audit:chain';
const HEAD = '{audit-cli}:audit:head';
/** As it is shipped: many are started, and each loads in half the time. */
let command: string;
const folder = mkdtempSync(join(tmpdir(), 'db-audit-'));

let server: PrivateRedis;
let redis: Redis;
let audit: Audit;

beforeAll(async () => {
  command = await buildProgram(folder, 'src/audit-command.ts');
  server = await startPrivateRedis();
  redis = await server.connect();
});
beforeEach(async () => {
  await redis.flushall();
  let now = Date.UTC(2026, 10, 1);
  audit = createAudit(redis, '{audit-cli}', () => (now += 60_000));
  for (let index = 1; index <= 9; index += 1)
    await audit.add({
      kind: 'asked',
      user: 'U0ALICE',
      request: `req-${index}`,
      what: `expose blog ${index}`,
    });
});
afterAll(async () => {
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const env = (over: Record<string, string> = {}) => ({
  PATH: process.env.PATH ?? '',
  REDIS_URL: server.url,
  DRAWBRIDGE_PREFIX: 'audit-cli',
  DRAWBRIDGE_CONFIG: '/dev/null',
  ...over,
});

function run(words: string[], over: Record<string, string> = {}) {
  return new Promise<{ code: number; out: string; err: string }>((resolve) => {
    execFile(process.execPath, [command, ...words], { env: env(over) }, (error, out, err) =>
      resolve({ code: error === null ? 0 : Number(error.code), out, err }),
    );
  });
}

/** The same in this process: what it finds does not depend on the process that it runs in. */
async function verifyHere(): Promise<{ code: number; out: string }> {
  let out = '';
  const write = (text: string): boolean => {
    out += text;
    return true;
  };
  const log = createLog({ level: 'silent', readable: false });
  const config = loadConfig({ ...env(), DRAWBRIDGE_CONFIG: '' });
  return { code: await runAuditCommand({ do: 'verify' }, config, log, { write }), out };
}

type Row = [id: string, fields: string[]];

/** Writes the stream anew, as somebody does who wants something else to have happened. */
async function rewrite(change: (rows: Row[]) => Row[]): Promise<void> {
  const rows = change((await redis.xrange(CHAIN, '-', '+')) as Row[]);
  await redis.del(CHAIN);
  for (const [id, fields] of rows) await redis.xadd(CHAIN, id, ...fields);
}

describe('verify', () => {
  it('says how many entries there are, and that the chain holds', async () => {
    const { hash } = await audit.head();
    expect(await run(['verify'])).toEqual({
      code: 0,
      out: `9 entries, the chain holds; the last hash is ${hash}\n`,
      err: '',
    });
    await redis.flushall();
    expect((await run(['verify'])).out).toBe('0 entries, the chain holds\n');
  });

  it.each<[string, () => Promise<unknown>, string]>([
    [
      'an entry with other words',
      () =>
        rewrite((rows) =>
          rows.with(4, ['5-0', rows[4]?.[1].map((text) => text.replace('blog 5', 'blog 22')) ?? []]),
        ),
      '9 entries, the chain is broken: entry 5 of 2026-11-01T00:05:00.000Z was changed',
    ],
    [
      'an entry with another person, its own hash made anew',
      () =>
        rewrite((rows) => {
          const before = JSON.parse(rows[3]?.[1][1] ?? '') as ChainedEntry;
          const { hash } = chained({ count: 3, hash: rows[2]?.[1][3] ?? '' }, { ...before, user: 'U0BOB' });
          const text = (rows[3]?.[1][1] ?? '').replace('U0ALICE', 'U0BOB');
          return rows.with(3, ['4-0', ['entry', text, 'hash', hash, 'batch', '']]);
        }),
      '9 entries, the chain is broken: entry 5 of 2026-11-01T00:05:00.000Z was changed, or does not follow from the one before it',
    ],
    [
      'an entry that is no entry',
      () => rewrite((rows) => rows.with(2, ['3-0', ['entry', 'nonsense', 'hash', '']])),
      '9 entries, the chain is broken: entry 3 was changed',
    ],
    [
      'an entry taken out',
      () => redis.xdel(CHAIN, '6-0'),
      '8 entries, the chain is broken: entry 6 is missing; the one before it is of 2026-11-01T00:05:00.000Z',
    ],
    [
      'the first entries cut off',
      () => redis.xtrim(CHAIN, 'MINID', '4-0'),
      '6 entries, the chain is broken: entry 1 is missing',
    ],
    [
      'the last entries cut off',
      () => redis.xdel(CHAIN, '8-0', '9-0'),
      '7 entries, the chain is broken: entry 8 is missing; the one before it is of 2026-11-01T00:07:00.000Z',
    ],
    ['everything taken away', () => redis.del(CHAIN), '0 entries, the chain is broken: entry 1 is missing'],
    [
      'two entries in each other’s place',
      () => rewrite((rows) => rows.with(2, ['3-0', rows[3]?.[1] ?? []]).with(3, ['4-0', rows[2]?.[1] ?? []])),
      '9 entries, the chain is broken: entry 3 of 2026-11-01T00:03:00.000Z does not stand where it was written',
    ],
    [
      'the head and the end cut off together, more or less',
      () =>
        redis
          .multi()
          .xdel(CHAIN, '9-0')
          .set(HEAD, `8 ${'0'.repeat(64)}`)
          .exec(),
      '8 entries, the chain is broken: entry 8 of 2026-11-01T00:08:00.000Z is the last one, and not the one that the head names',
    ],
    [
      'the head taken away',
      () => redis.del(HEAD),
      '9 entries, the chain is broken: entry 9 of 2026-11-01T00:09:00.000Z is the last one, and not the one that the head names',
    ],
  ])('finds %s', async (_, change, words) => {
    await change();
    const { code, out } = await verifyHere();
    expect(out).toContain(words);
    expect(code).toBe(1);
  });

  it('knows a hash that was shown before, and says when the whole chain was made anew without it', async () => {
    const shown = (await audit.after(3, 1))[0]?.hash ?? '';
    expect(await run(['verify', '--hash', shown.toUpperCase()])).toMatchObject({ code: 0 });
    let head = NO_ENTRIES;
    await rewrite((rows) =>
      rows.map(([id, [, text = '']]) => {
        const { seq: _seq, ...entry } = JSON.parse(text) as ChainedEntry;
        const { hash, ...content } = chained(head, { ...entry, what: 'nothing happened' });
        head = { count: content.seq, hash };
        return [id, ['entry', JSON.stringify(content), 'hash', hash, 'batch', '']];
      }),
    );
    await redis.set(HEAD, `${head.count} ${head.hash}`);
    expect((await run(['verify'])).out).toMatch(/^9 entries, the chain holds/);
    const { code, out } = await run(['verify', '--hash', shown]);
    expect(out).toContain(`no entry has the hash ${shown}`);
    expect(code).toBe(1);
  });

  it('holds while others go on writing', async () => {
    let ended = false;
    const other = createAudit(await server.connect(), '{audit-cli}');
    const writing = (async () => {
      while (!ended)
        await Promise.all(Array.from({ length: 20 }, () => other.add({ kind: 'looked', what: 'x' })));
    })();
    for (let round = 0; round < 2; round += 1)
      expect(await run(['verify'])).toMatchObject({
        code: 0,
        out: expect.stringMatching(/^\d+ entries, the chain holds/),
      });
    ended = true;
    await writing;
  });
});

describe('export', () => {
  it('writes every entry as a line of JSON, the oldest first', async () => {
    const { code, out } = await run(['export', '--json']);
    expect(code).toBe(0);
    const entries = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as ChainedEntry);
    expect(entries).toEqual(await audit.after(0, 100));
    expect(entries).toHaveLength(9);
  });

  it('writes CSV with a header', async () => {
    const lines = (await run(['export', '--csv'])).out.split('\r\n');
    expect(lines[0]).toBe('entry,time,kind,request,user,about,plan,what,hash');
    expect(lines[9]).toMatch(
      /^9,2026-11-01T00:09:00\.000Z,asked,req-9,U0ALICE,,,expose blog 9,[0-9a-f]{64}$/,
    );
    expect(lines.slice(10)).toEqual(['']);
  });

  it('goes through many pages, and ends in peace when nobody reads on', async () => {
    await Promise.all(
      Array.from({ length: 3_000 }, (_, index) => audit.add({ kind: 'looked', what: `x ${index}` })),
    );
    const lines = (await run(['export', '--json'])).out.trimEnd().split('\n');
    expect(lines).toHaveLength(3_009);
    expect(lines.at(-1)).toContain('x 2999');
    const child = spawn(process.execPath, [command, 'export', '--json'], { env: env() });
    child.stdout.once('data', () => child.stdout.destroy());
    let err = '';
    child.stderr.on('data', (text) => {
      err += String(text);
    });
    const [code] = (await once(child, 'exit')) as [number];
    expect([code, err]).toEqual([0, '']);
  });
});

describe('what is not understood', () => {
  it.each([
    [[]],
    [['verfy']],
    [['verify', '--json']],
    [['export']],
    [['export', '--csv', '--json']],
    [['verify', '--all']],
  ])('%j gets the usage', async (words) => {
    const { code, out, err } = await run(words);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain('npm run audit -- verify');
  });

  it('and without a Redis it says what to set', async () => {
    expect(await run(['verify'], { REDIS_URL: '' })).toEqual({
      code: 1,
      out: '',
      err: 'The audit is in Redis: set REDIS_URL, as for the bot.\n',
    });
    const { code, err } = await run(['verify'], { REDIS_URL: '/nowhere/redis.sock' });
    expect(code).toBe(1);
    expect(err).toBe('Redis at /nowhere/redis.sock does not answer; start it or correct REDIS_URL\n');
  });
});
