/** Secrets that the worker has: wherever something fails because of them, neither chat nor audit nor log gets to see them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWorker } from '../../jobs/worker.ts';
import { messageOf } from '../../src/errors.ts';
import { createLog } from '../../src/log.ts';
import { connectRedis } from '../../src/records/redis.ts';
import type { Running } from '../../src/run-process.ts';
import { Secret } from '../../src/secret.ts';
import { endedView } from '../../src/slack/views/outcome-line.ts';
import { startFakeCloud } from '../openstack/fake-cloud/fake-cloud.ts';
import { EXTERNAL } from '../openstack/fake-cloud/furnish.ts';
import { fakeCloudConfig } from '../stage/fake-cloud-config.ts';
import { type Backstage, openBackstage } from './backstage.ts';
import { lookAs, textsIn } from './look-as.ts';

const LOOKS = [
  'list',
  'hosts',
  'doctor',
  'info blog',
  'logs blog',
  'plan expose blog 80',
  'plan host create web9',
];
const ASKS = [
  'expose blog 80',
  'host create web9',
  'host adopt web7 at 198.51.100.7',
  'delete blog',
  'expose server:web 80',
];

describe('what a worker keeps secret', () => {
  const folder = mkdtempSync(join(tmpdir(), 'db-secrets-'));
  const said: string[] = [];
  let cloud: Awaited<ReturnType<typeof startFakeCloud>>;
  let back: Backstage;
  let worker: Running;

  beforeAll(async () => {
    cloud = await startFakeCloud();
    const settings = fakeCloudConfig({ public: { cloud, external: EXTERNAL.network } }, folder);
    // What the worker sends is wrong from here on, so it meets refusals that may quote it.
    expect(cloud.credentials.password).toContain('planted');
    const sent = cloud.credentials.password;
    cloud.credentials.password = 'another one by now';
    cloud.fail({
      times: 1_000,
      when: () => true,
      answer: { status: 500, body: { message: `you sent ${sent}` } },
    });
    const key = join(folder, 'broken-key');
    writeFileSync(
      key,
      '-----BEGIN OPENSSH PRIVATE KEY-----\nplanted-key-b3BlbnNz\n-----END OPENSSH PRIVATE KEY-----\n',
      {
        mode: 0o600,
      },
    );
    const ssh = { address: '127.0.0.1', port: 1, user: 'nobody', key_file: key };
    const https = { url: 'https://127.0.0.1:1', certificate_file: key, key_file: key };
    back = await openBackstage({ one: { ssh }, two: { https } }, undefined, undefined, settings, {
      adopt: { key_file: key },
    });
    const destination = { write: (line: string) => void said.push(line) };
    worker = await startWorker(back.config, createLog({ level: 'trace', readable: true, destination }), {
      http: false,
    });
  });
  afterAll(async () => {
    await worker.stop();
    await back.close();
    await cloud.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('is in no answer, no outcome, no entry of the audit and no line of the log', {
    timeout: 90_000,
  }, async () => {
    const looks = Promise.all(LOOKS.map((text) => lookAs(back, text)));
    const asks = Promise.all(
      ASKS.map(async (text) => textsIn(endedView(await back.ended(await back.ask(text))))),
    );
    const told = [...(await looks), ...(await asks)].flat();
    const audit: string[] = [];
    for await (const page of back.records.audit.rows()) audit.push(JSON.stringify(page));
    expect(told.join()).toMatch(/one/);
    expect(audit.join()).toMatch(/"kind":"ended"/);
    expect(said.length).toBeGreaterThan(0);
    expect([...told, ...audit, ...said].filter((text) => /planted|b3BlbnNz|another one/.test(text))).toEqual(
      [],
    );
  });

  it.each(['planted', 'pl@planted', 'pl%2Fplanted', 'planted:planted'])(
    'is not in what is said of a Redis that cannot be reached, for the password %s',
    async (password) => {
      const lines: string[] = [];
      const log = createLog({
        level: 'trace',
        readable: true,
        destination: { write: (line) => void lines.push(line) },
      });
      const url = new Secret(`redis://bot:${password}@127.0.0.1:1/0`);
      const fault = await connectRedis({ url }, { patient: false }, log).then(
        () => undefined,
        (error: unknown) => error,
      );
      expect(messageOf(fault)).toContain('Redis');
      expect(
        [messageOf(fault), String((fault as Error).stack), ...lines].filter((text) =>
          text.includes('planted'),
        ),
      ).toEqual([]);
    },
  );
});
