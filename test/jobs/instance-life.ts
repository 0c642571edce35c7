/** The life of instances by requests: launched, stopped, started, kept, restored, deleted, with doors on them. On any LXD host. */
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { connectHosts } from '../../jobs/connect-hosts.ts';
import { lookAround } from '../../jobs/look-around.ts';
import type { Tools } from '../../jobs/tools.ts';
import type { Answer } from '../../src/core/answer.ts';
import type { RequestRecord } from '../../src/core/record.ts';
import type { LookCommand } from '../../src/core/request.ts';
import { createLxdClient, type LxdClient } from '../../src/lxd/client.ts';
import { titleAt } from '../lxd/reach.ts';
import { type Backstage, openBackstage } from './backstage.ts';

export interface LifeSide {
  /** Name of the host. */
  host: string;
  socket: string;
  /** Where its doors are; the test can reach it. */
  address: string;
  /** Alias of an image whose instances serve a page titled with their name. */
  image: string;
  /** The first of some public ports that nobody uses. */
  firstPort: number;
}

const NAME = 'life-blog';

/** @param prepare brings the host up; what it returns ends it */
export function instanceLife(prepare: () => Promise<{ side: LifeSide; end: () => Promise<void> }>): void {
  let side: LifeSide;
  let end: () => Promise<void>;
  let back: Backstage;
  let client: LxdClient;

  beforeAll(async () => {
    ({ side, end } = await prepare());
    client = createLxdClient({ host: side.host, transport: { kind: 'unix', socket: side.socket } });
    await wipe();
    back = await openBackstage({ [side.host]: { unix: side.socket, public_address: side.address } });
    await back.work();
  });
  afterAll(async () => {
    await back?.close();
    await client.close();
    await end();
  });
  afterEach(async () => {
    for (const { host, instance, port, publicPort } of await back.records.doors.list())
      await did(`unexpose ${host}/${instance} ${port} as ${publicPort}`);
    await wipe();
  });

  async function wipe(): Promise<void> {
    for (const { name } of await client.listInstances()) {
      if (!name.startsWith('life-')) continue;
      await client.stopInstance(name);
      await client.deleteInstance(name);
    }
  }
  const all = async () => (await client.listInstances()).map(({ name }) => name);
  const status = async (name = NAME) => (await client.getInstanceState(name)).status;
  const full = () => `${side.host}/${NAME}`;
  const port = (offset = 0) => side.firstPort + offset;
  const title = (offset = 0) => titleAt(side.address, port(offset));

  /** Asked and ended, without a decision on the way. */
  async function did(text: string): Promise<RequestRecord> {
    return back.ended(await back.ask(text));
  }
  /** Asked, approved and ended. */
  async function approved(text: string): Promise<RequestRecord> {
    const id = await back.ask(text);
    await back.approve(id);
    return back.ended(id);
  }
  const launch = () => did(`launch ${side.image} ${NAME}`);
  const seenOf = ({ outcome }: RequestRecord) =>
    outcome?.kind === 'done' ? outcome.proof.seen : JSON.stringify(outcome);

  it('launches an instance, waits for its address and says it', async () => {
    const record = await launch();
    expect(seenOf(record)).toMatch(new RegExp(`^${full()} runs at 10\\.\\d+\\.\\d+\\.\\d+$`));
    expect(record.steps).toEqual(['done', 'done']);
    expect(record.approval).toBeUndefined();
    const { value } = await client.getInstance(NAME);
    expect(value.config['user.drawbridge']).toBe(record.asked.id);
    expect(record.plan?.why.join()).toContain(`${side.host} has `);
  });

  it('launches none where the name is taken, the image, profile or host unknown', async () => {
    await launch();
    const taken = await launch();
    expect(taken.outcome).toMatchObject({ kind: 'refused', reason: 'exists' });
    const typo = `${side.image.slice(0, -1)}x`;
    const unknown: [string, RegExp, RegExp][] = [
      [`launch ${typo} life-a`, /has no image/, new RegExp(`Did you mean \`${side.image}\``)],
      [`launch ${side.image} life-a profile defalt`, /no profile `defalt`/, /Did you mean `default`/],
      [
        `launch ${side.image} life-a on ${side.host}x`,
        /no host/,
        new RegExp(`Did you mean \`on ${side.host}\``),
      ],
    ];
    for (const [text, message, next] of unknown) {
      const { outcome } = await did(text);
      expect(outcome).toMatchObject({
        kind: 'refused',
        reason: 'not_found',
        message: expect.stringMatching(message),
      });
      expect(outcome).toMatchObject({ next: expect.stringMatching(next) });
    }
    expect((await all()).filter((name) => name.startsWith('life-'))).toEqual([NAME]);
  });

  it('asks for a door after a launch that said so, as a request of its own', async () => {
    const record = await did(`launch ${side.image} ${NAME} expose 80 because of the demo`);
    const door = await back.ended(`${record.asked.id}x`);
    expect(door.asked).toMatchObject({
      requester: record.asked.requester,
      channel: record.asked.channel,
      text: `expose ${full()} 80`,
      command: { action: 'expose', reason: 'of the demo' },
    });
    // Where port 80 of the host cannot be had, the refusal is the door's, not the launch's.
    expect(record.outcome?.kind).toBe('done');
    expect(door.outcome).toBeDefined();
  });

  it('stops and starts, and does nothing to what is so already', async () => {
    await launch();
    expect(seenOf(await did(`stop ${NAME}`))).toBe(`${full()} is stopped`);
    expect(await status()).toBe('Stopped');
    expect((await did(`stop ${NAME}`)).outcome).toMatchObject({ reason: 'nothing_to_do' });
    expect((await did(`restart ${NAME}`)).outcome).toMatchObject({ reason: 'not_running' });
    expect(seenOf(await did(`start ${NAME}`))).toMatch(/ runs/);
    expect((await did(`start ${NAME}`)).outcome).toMatchObject({ reason: 'nothing_to_do' });
    expect(seenOf(await did(`restart ${NAME}`))).toMatch(/ runs/);
    expect(await status()).toBe('Running');
  });

  it('asks before it stops or restarts what a door leads to; the door stands through a restart', async () => {
    await launch();
    await did(`expose ${NAME} 80 as ${port()}`);
    expect(await title()).toBe(NAME);
    for (const action of ['stop', 'restart']) {
      const id = await back.ask(`${action} ${NAME}`);
      await expect
        .poll(async () => (await back.records.requests.get(id))?.approval?.why, { timeout: 10_000 })
        .toMatch(/1 door to it would lead nowhere/);
      if (action === 'restart') await back.approve(id);
    }
    await expect.poll(() => title(), { timeout: 20_000 }).toBe(NAME);
    expect(await status()).toBe('Running');
  });

  it('deletes an instance with its doors, after approval', async () => {
    await launch();
    await did(`expose ${NAME} 80 as ${port()}`);
    await did(`expose ${NAME} 80 as ${port(1)} via userspace`);
    expect(await back.records.doors.list()).toHaveLength(2);
    const record = await approved(`delete ${NAME}`);
    expect(seenOf(record)).toBe(`${full()} is deleted`);
    expect(record.plan).toMatchObject({ action: 'delete', risk: `nothing brings ${NAME} back` });
    expect(await back.records.doors.list()).toEqual([]);
    expect(await title()).toBeUndefined();
    expect(await all()).not.toContain(NAME);
    expect((await did(`delete ${NAME}`)).outcome).toMatchObject({ reason: 'not_found' });
  });

  it('keeps a snapshot under a name of its own, and restores the newest after approval', async () => {
    await launch();
    const first = await did(`snapshot ${NAME} before`);
    expect(seenOf(first)).toContain(`${full()} is kept as before`);
    await client.patchInstance(NAME, { config: { 'user.life': 'changed' } });
    const second = await did(`snapshot ${NAME}`);
    const own = second.asked.id.replace('req-', 'snap-');
    expect((await client.listSnapshots(NAME)).map(({ name }) => name)).toEqual(['before', own]);
    expect((await did(`snapshot ${NAME} before`)).outcome).toMatchObject({ reason: 'exists' });

    const newest = await approved(`restore ${NAME}`);
    expect(seenOf(newest)).toContain(`it is back at ${own}`);
    expect((await client.getInstance(NAME)).value.config['user.life']).toBe('changed');
    await approved(`restore ${NAME} before`);
    expect((await client.getInstance(NAME)).value.config['user.life']).toBeUndefined();
    expect(await status()).toBe('Running');
    const typo = await did(`restore ${NAME} befor`);
    expect(typo.outcome).toMatchObject({
      reason: 'not_found',
      next: expect.stringContaining(`restore ${full()} before`),
    });
  });

  it('keeps the doors of now through a restore: new ones stay open, closed ones stay closed', async () => {
    await launch();
    await did(`expose ${NAME} 80 as ${port()} via userspace`);
    await did(`expose ${NAME} 80 as ${port(1)} via proxy`);
    await did(`snapshot ${NAME} then`);
    await did(`unexpose ${NAME} 80 as ${port()}`);
    await did(`unexpose ${NAME} 80 as ${port(1)}`);
    await did(`expose ${NAME} 80 as ${port(2)} via userspace`);
    const record = await approved(`restore ${NAME} then`);
    expect(record.outcome).toMatchObject({ kind: 'done' });
    await expect.poll(() => title(2), { timeout: 20_000 }).toBe(NAME);
    expect([await title(0), await title(1)]).toEqual([undefined, undefined]);
    const { value } = await client.getInstance(NAME);
    expect(Object.keys(value.devices)).toEqual([expect.stringMatching(/^drawbridge-door-/)]);
    expect(value.config['user.drawbridge.pin']).toBeUndefined();
  });

  it('answers what it has to say and what is known of it, to whoever asked', async () => {
    await launch();
    await did(`snapshot ${NAME} before`);
    const hosts = connectHosts(
      back.config.file ?? expect.fail('a configuration'),
      [],
      back.records.knownHosts,
    );
    const answer = async (command: LookCommand): Promise<Answer | undefined> => {
      let said: Answer | undefined;
      const add = async (_lane: string, entry: object) => {
        said = (entry as { answer: Answer }).answer;
      };
      const records = { ...back.records, outbox: { ...back.records.outbox, add } };
      const tools = { hosts, clouds: [], records } as Partial<Tools> as Tools;
      const signal = AbortSignal.timeout(20_000);
      await lookAround({ command, user: 'U0ALICE', channel: 'C0' }, { number: 1, last: true }, signal, tools);
      return said;
    };
    const logs = await answer({ action: 'logs', target: { instance: NAME }, lines: 5 });
    expect(logs).toMatchObject({ kind: 'logs', instance: full() });
    const info = await answer({ action: 'info', target: { instance: NAME } });
    expect(info).toMatchObject({
      kind: 'instance',
      snapshots: [{ name: 'before' }],
      instance: { status: 'Running' },
    });
  });
}
