/** An LXD host that somebody else has taken over: what it says reaches chat and log as plain words only, or not at all, and fills no memory. */
import { mkdtempSync, rmSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWorker } from '../../jobs/worker.ts';
import { createLog } from '../../src/log.ts';
import type { Running } from '../../src/run-process.ts';
import { createSandboxHost } from '../../src/sandbox/lxd/lxd-host.ts';
import { endedView } from '../../src/slack/views/outcome-line.ts';
import { requestView } from '../../src/slack/views/request-view.ts';
import { type Backstage, openBackstage } from './backstage.ts';
import { type Answering, type HostileLxd, type Lie, openHostileLxd } from './hostile-lxd.ts';
import { lookAs, textsIn } from './look-as.ts';

const EVIL =
  'x\u001b[31m<!channel> <@U0EVIL> <https://evil.example|log in> `*b*` \u202e\r\nFORGED & level=error';
const SECRETS = ['xoxb-12345678-planted', 'password=planted-1', 'https://bot:planted-2@cloud.example'];
/** Names of fields in LXD's answers, each of which a host may fill as it likes. */
const FIELDS = [
  ['name'],
  ['*name'],
  ['status'],
  ['description'],
  ['address'],
  ['listen_address'],
  ['target_address', 'listen_port', 'target_port'],
  ['server', 'server_version', 'server_name'],
  ['api_extensions'],
  ['hwaddr', 'host_name', 'family', 'scope', 'netmask'],
  ['type', 'nictype', 'network', 'parent', 'ipv4.address', 'listen', 'connect', 'nat'],
  ['user.drawbridge', 'user.drawbridge.pin', 'security.acls'],
  ['source', 'destination', 'action', 'protocol', 'destination_port'],
  ['err', 'error', 'output'],
  ['file'],
  ['pool', 'path', 'fingerprint', 'created_at'],
];
const HOSTS = FIELDS.map((_, index) => `box${index}`);

describe('a hostile host', () => {
  const folder = mkdtempSync(join(tmpdir(), 'db-hostile-'));
  const truth = join(folder, 'truth.sock');
  const sandbox = createSandboxHost({
    socket: truth,
    publicAddress: '127.0.0.1',
    log: { info() {}, warn() {}, error() {} },
  });
  const said: string[] = [];
  const hosts = new Map<string, HostileLxd>();
  let back: Backstage;
  let worker: Running;

  beforeAll(async () => {
    await sandbox.start();
    for (const name of [...HOSTS, 'liar'])
      hosts.set(name, await openHostileLxd(join(folder, `${name}.sock`), truth));
    const section = [...hosts.keys()].map((name) => [
      name,
      { unix: join(folder, `${name}.sock`), public_address: '127.0.0.1' },
    ]);
    back = await openBackstage(Object.fromEntries(section));
    const destination = { write: (line: string) => void said.push(line) };
    // Readable lines: those of JSON have every sign escaped.
    const log = createLog({ level: 'debug', readable: true, destination });
    worker = await startWorker(back.config, log, { http: false });
    await back.ended(await back.ask('expose box0/blog 80 as 18651'));
  });
  afterAll(async () => {
    await worker.stop();
    await back.close();
    for (const host of hosts.values()) await host.close();
    await sandbox.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  function lie(name: string, what: Lie | undefined): void {
    const host = hosts.get(name);
    if (host === undefined) throw new Error(`no host ${name}`);
    host.lie = what;
  }

  const look = (text: string): Promise<string[]> => lookAs(back, text);

  /** The message of a request and the word at its end. */
  async function ask(text: string): Promise<string[]> {
    const record = await back.ended(await back.ask(text));
    const policy = back.config.file?.policy;
    if (policy === undefined) throw new Error('no policy');
    return [...textsIn(requestView(record, policy)), ...textsIn(endedView(record))];
  }

  const told = async (looks: string[], asks: string[]): Promise<string[]> =>
    (await Promise.all([...looks.map(look), ...asks.map(ask)])).flat();

  it('puts no markup, no line and no sign for a terminal into chat or log, whichever field it lies in', {
    timeout: 120_000,
  }, async () => {
    FIELDS.forEach((keys, index) => {
      // The lines of a log are lines.
      const text = keys[0] === 'file' ? EVIL.replace('\n', '') : EVIL;
      lie(`box${index}`, { keys: new Set(keys), text });
    });
    const of = (...texts: string[]) =>
      HOSTS.flatMap((host) => texts.map((text) => text.replace('HOST', host)));
    const texts = await told(
      [
        'list',
        'hosts',
        'doctor',
        ...of('info HOST/blog', 'logs HOST/blog', 'plan expose HOST/shop 80 as 18650'),
      ],
      of(
        'expose HOST/bolg 80 as 18652',
        'unexpose HOST/blog 80 as 18653',
        'restore HOST/blog no',
        'launch no b2 on HOST',
      ),
    );
    expect(texts.filter(obeys)).toEqual([]);
    expect(said.filter(forges)).toEqual([]);
    // It was heard all the same: words are left of what it says.
    expect(texts.join()).toMatch(/x\S* ?(‹|&lt;)!channel/);
  });

  it('puts none into them by the text of a refusal, and no secret that it has learned', async () => {
    lie('liar', { error: `${EVIL} ${SECRETS.join(' ')}` });
    const texts = await told(
      ['list liar', 'info liar/blog', 'logs liar/blog', 'doctor', 'hosts', 'plan expose liar/blog 80'],
      ['expose liar/blog 80', 'launch no b2 on liar'],
    );
    expect(texts.join()).toContain('liar');
    expect(texts.filter(obeys)).toEqual([]);
    expect(said.filter(forges)).toEqual([]);
    expect([...texts, ...said].filter((text) => text.includes('planted'))).toEqual([]);
  });

  it('that lists instances without number is cut off, and the worker goes on', async () => {
    const before = process.memoryUsage().rss;
    lie('liar', { raw: (_incoming, response) => flood(response) });
    const [first = ''] = await look('list liar');
    expect(first).toContain('0 instances');
    expect(process.memoryUsage().rss - before).toBeLessThan(700_000_000);
    lie('liar', undefined);
    expect((await look('list liar')).join()).toContain('blog');
  });

  it.each<[string, Answering]>([
    ['brackets without end', (_incoming, response) => void response.end('['.repeat(200_000))],
    [
      'a prototype',
      (_incoming, response) => void response.end('{"type":"sync","metadata":{"__proto__":{"name":1}}}'),
    ],
    [
      'a redirection',
      (_incoming, response) => void response.writeHead(302, { location: 'http://169.254.169.254/' }).end(),
    ],
  ])('that answers %s is told as one that does not speak LXD', async (_, raw) => {
    lie('liar', { raw });
    expect((await look('list liar')).join()).toMatch(/did not answer: .*the answer/);
  });
});

/** Whether Slack, or the eye, would take it for more than words. */
function obeys(text: string): boolean {
  return /<!channel|<@U0EVIL|<https:\/\/evil|^\W*FORGED|[^\P{Cc}\n]|\u202e/mu.test(text);
}

/** Whether it would be taken for two lines of the log, or moves a terminal. */
function forges(line: string): boolean {
  return (
    line
      .trimEnd()
      .split('\n')
      .some((each) => each.trimStart().startsWith('FORGED')) || /[^\P{Cc}\n]|\u202e/u.test(line)
  );
}

/** Writes for as long as somebody reads. */
function flood(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.write('{"type":"sync","metadata":[');
  const chunk = `${JSON.stringify({ name: 'x'.repeat(60_000) })},`;
  const more = (): void => {
    while (!response.destroyed && response.write(chunk));
  };
  response.on('drain', more);
  more();
}
