/**
 * What people who run doors like these ask for, each wish shown once, from one end to the other. Four files have them:
 *
 * - here, with the emulator and a stand-in LXD: tells before anybody tries that approval is needed; approves inside Slack; shows who
 *   approved; answers in the thread; says which address and port leads where; has an end that does not fail open; touches nothing that it
 *   did not make; goes by people; says no secret in chat; waits for the address; shows what would change; takes commands in threads; has
 *   buttons that act once; runs without a public endpoint
 * - kept-result.test.ts, with a Slack that goes away and a worker that is killed: never loses the result
 * - cloud-wishes.test.ts, with a strict cloud that is none: leaks no floating IPs and groups; uses the floating IPs that are there; says
 *   what expose will do on this cloud; and once more: touches nothing that it did not make, says no secret in chat
 * - wishes.lab.test.ts, on real LXD hosts: keeps the client's address; enforces allow-lists on every door; and once more: says no secret in
 *   chat, waits for the address
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWorker } from '../../jobs/worker.ts';
import { createLog } from '../../src/log.ts';
import { createLxdClient, type LxdClient } from '../../src/lxd/client.ts';
import type { Running } from '../../src/run-process.ts';
import { CHANNEL, findLocalSlack, PLAYGROUND_ROLES } from '../../src/sandbox/local-slack.ts';
import { createSandboxHost, type SandboxHost } from '../../src/sandbox/lxd/lxd-host.ts';
import { curl } from '../stage/curl.ts';
import { type Gate, openGate } from '../stage/lxd-gate.ts';
import { ALICE, BOB, CAROL, DAVE, raiseStage, type Shown, type Stage } from '../stage/stage.ts';
import { until } from '../stage/until.ts';

const EMULATOR = findLocalSlack();
/** An address of its own, so that several runs on one machine do not meet. */
const ADDRESS = `127.79.${process.pid % 250}.${Math.floor(process.pid / 250) % 250}`;
const PORTS = { from: 18_300, to: 18_399 };
/** Typed by somebody into a command that only they see. */
const TYPED_SECRET = 'hunter2-hunter2';

describe.runIf(EMULATOR !== undefined)(
  'Drawbridge (needs the emulator local-slack)',
  { timeout: 90_000 },
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'db-wishes-'));
    const log = createLog({ level: 'silent', readable: true });
    let lxd: SandboxHost;
    let gate: Gate;
    let client: LxdClient;
    let stage: Stage;
    let worker: Running;
    /** A door that stands from the beginning, as it was asked for and as it was opened. */
    let door: { id: string; asked: Shown; open: Shown };

    beforeAll(async () => {
      const [target, socket] = [join(folder, 'lxd.sock'), join(folder, 'gate.sock')];
      lxd = createSandboxHost({ socket: target, publicAddress: ADDRESS, log });
      await lxd.start();
      gate = await openGate({ socket, target });
      client = createLxdClient({ host: 'sandbox', transport: { kind: 'unix', socket: target } });
      const rest = {
        ownRequests: false,
        privateNetworks: [],
        approvalSeconds: 600,
        sensitivePorts: [],
        rules: [],
      };
      const host = { unix: socket, public_address: ADDRESS, ssh_port: 22, public_ports: PORTS };
      const policy = { ...PLAYGROUND_ROLES, ...rest };
      stage = await raiseStage({
        workers: 0,
        file: { clouds: {}, networks: {}, hosts: { sandbox: host }, policy },
      });
      await work();
      const id = await stage.ask(ALICE, 'expose blog 80 as 18301 for 2h');
      const asked = await stage.seeRequest(id, 'Needs approval');
      await stage.click(BOB, asked, 'approve_request');
      door = { id, asked, open: await stage.seeRequest(id, '*Open* and proven') };
    });
    afterAll(async () => {
      await worker?.stop();
      await stage?.stop();
      await client?.close();
      await gate?.close();
      await lxd?.stop();
      rmSync(folder, { recursive: true, force: true });
    });

    async function work(): Promise<void> {
      worker = await startWorker(stage.config, log, { http: false });
    }
    const page = async (port: number) => (await curl(`http://${ADDRESS}:${port}/`)).body;
    const shut = async (port: number) => (await curl(`http://${ADDRESS}:${port}/`)).code === 7;
    const asked = async () => (await stage.records.requests.latest(100)).length;

    it('tells before anybody tries that approval is needed, and from whom', async () => {
      const before = await asked();
      await stage.type(ALICE, 'policy expose blog 80');
      const told = await stage.see('It needs approval');
      expect(told.ephemeralFor).toBe(ALICE);
      expect(told.words).toMatch(/Could approve it: <@U0BOB>, <@U0DAVE>\..*You may not approve it yourself/);
      expect(await asked()).toBe(before);
    });

    it('approves inside Slack, safely', async () => {
      const id = await stage.ask(BOB, 'expose shop 80 as 18302');
      const message = await stage.seeRequest(id, 'Needs approval');
      await stage.click(CAROL, message, 'approve_request');
      expect((await stage.see('Deciding is for approvers')).ephemeralFor).toBe(CAROL);
      await stage.click(BOB, message, 'approve_request');
      expect((await stage.see('This is your own request')).ephemeralFor).toBe(BOB);
      // A click that names another plan than the one that waits.
      const buttons = message.buttons.map((each) => ({ ...each, block_id: `plan-${'0'.repeat(32)}` }));
      await stage.click(DAVE, { ...message, buttons }, 'approve_request');
      expect((await stage.see('plan has changed since this was shown')).ephemeralFor).toBe(DAVE);
      expect((await stage.records.requests.get(id))?.state).toBe('waiting');
      expect(await shut(18_302)).toBe(true);
      await stage.click(DAVE, message, 'approve_request');
      await stage.seeRequest(id, '*Open* and proven');
      expect(await page(18_302)).toContain('<title>shop</title>');
    });

    it('shows who approved, in the message', async () => {
      expect(door.open.ts).toBe(door.asked.ts);
      expect(door.open.words).toMatch(/Approved by <@U0BOB> at/);
      await stage.type(ALICE, 'doors blog');
      expect((await stage.see('*1 door*')).words).toMatch(/18301\*[\s\S]*approved by <@U0BOB>/);
    });

    it('answers in the thread and notifies, not with an emoji', async () => {
      const word = await stage.see(/^<@U0ALICE> <@U0BOB> .*18301/);
      expect(word).toMatchObject({ thread_ts: door.asked.ts, user: 'U0DRAWBRIDGE' });
      const all = await (await fetch(`${stage.page}/_control/messages/${CHANNEL}`)).text();
      expect(all).toContain(word.ts);
      expect(all).not.toMatch(/"reactions":\s*\[\s*\{/);
      expect(readFileSync('docs/slack-app-manifest.yaml', 'utf8')).not.toContain('reactions:');
    });

    it('says which address and port leads where', async () => {
      expect(door.asked.words).toContain(`Opens *${ADDRESS}:18301* → sandbox/blog:80 for anyone`);
      expect(door.open.words).toContain(`<http://${ADDRESS}:18301/|${ADDRESS}:18301>`);
      await stage.type(ALICE, 'doors blog');
      await stage.see(`*${ADDRESS}:18301* → \`sandbox/blog:80\` for anyone`);
      await stage.type(ALICE, 'info blog');
      expect((await stage.see('Listens on')).words).toContain(`${ADDRESS}:18301`);
      expect(await page(18_301)).toContain('<title>blog</title>');
    });

    it('goes by people, not by channel', async () => {
      const before = await asked();
      await stage.type(CAROL, 'expose blog 80 as 18303');
      expect((await stage.see('`expose` is for operators; you are not among them')).ephemeralFor).toBe(CAROL);
      await stage.type(DAVE, 'expose blog 80 as 18303');
      await until(async () => {
        const refusals = (await stage.messages()).filter(({ words }) => words.includes('is for operators'));
        return refusals.some(({ ephemeralFor }) => ephemeralFor === DAVE) || undefined;
      }, 'a refusal of who may approve but not ask');
      expect(await asked()).toBe(before);
      const id = await stage.ask(ALICE, 'expose blog 80 as 18303');
      await stage.seeRequest(id, 'Needs approval');
      await stage.type(ALICE, `cancel ${id}`);
      await stage.seeRequest(id, '*Cancelled*');
    });

    it('waits for the address before it says done', async () => {
      const id = await stage.ask(ALICE, 'launch debian/12 fresh on sandbox');
      const done = await stage.seeRequest(id, '*Done*');
      const { network } = await client.getInstanceState('fresh');
      const address = network?.eth0?.addresses.find(({ family }) => family === 'inet')?.address;
      expect(address).toMatch(/^10\./);
      expect(done.words).toContain(`sandbox/fresh runs at ${address}`);
    });

    it('shows what would change, and changes nothing', async () => {
      const see = async () =>
        JSON.stringify([await client.listForwards('lxdbr0'), await client.getInstance('fresh')]);
      const [lxdBefore, changes, requests] = [await see(), gate.calls.length, await asked()];
      await stage.type(ALICE, 'plan expose fresh 80 as 18304');
      const dry = await stage.see('*Dry run*');
      expect(dry.words).toContain(`would open *${ADDRESS}:18304* → sandbox/fresh:80`);
      expect(dry.words.match(/^▫︎ .+$/gm)?.length).toBeGreaterThan(1);
      expect(dry.words).toContain('Nothing was changed.');
      expect(await see()).toBe(lxdBefore);
      expect(gate.calls).toHaveLength(changes);
      expect(await asked()).toBe(requests);
      expect(await shut(18_304)).toBe(true);
    });

    it('takes commands in threads', async () => {
      await stage.say(BOB, 'Who needs the page of fresh?');
      const talk = await stage.see('Who needs the page');
      await stage.say(ALICE, '<@U0DRAWBRIDGE> expose fresh 80 as 18305', talk.ts);
      const message = await stage.see(/Expose fresh:80[\s\S]*Needs approval/);
      expect(message.thread_ts).toBe(talk.ts);
      await stage.click(BOB, message, 'deny_request');
      expect((await stage.see(/^<@U0ALICE> <@U0BOB> .*Denied/)).thread_ts).toBe(talk.ts);
    });

    it('has buttons that act once and always answer', async () => {
      const id = await stage.ask(ALICE, 'expose fresh 80 as 18306');
      const message = await stage.seeRequest(id, 'Needs approval');
      const all = async () =>
        (await stage.messages()).filter(({ ephemeralFor }) => ephemeralFor !== undefined);
      const before = (await all()).length;
      const answers = async () => (await all()).slice(before);
      const clicks: [string, string][] = [
        [BOB, 'approve_request'],
        [DAVE, 'deny_request'],
        [BOB, 'approve_request'],
      ];
      await Promise.all(clicks.map(([user, action]) => stage.click(user, message, action)));
      const three = await until(async () => {
        const told = await answers();
        return told.length === 3 ? told : undefined;
      }, 'an answer to each click');
      expect(three.map(({ ephemeralFor }) => ephemeralFor).sort()).toEqual([BOB, BOB, DAVE]);
      expect(three.filter(({ words }) => /^You (approved|denied)/.test(words))).toHaveLength(1);
      expect(three.filter(({ words }) => words.startsWith('Too late'))).toHaveLength(2);
      await stage.seeRequest(id, /\*(Open|Denied)\*/);
      await stage.click(DAVE, message, 'approve_request');
      await until(
        async () => ((await answers()).length === 4 ? true : undefined),
        'an answer to a late click',
      );
      const decided = (await stage.records.audit.of(id)).filter(({ kind }) => kind === 'decided');
      expect(decided).toHaveLength(1);
    });

    it('says no secret in chat', async () => {
      const text = `expose fresh 80 as 18307 because the demo needs it, password=${TYPED_SECRET}`;
      const id = await stage.ask(ALICE, text);
      const message = await stage.seeRequest(id, 'Needs approval');
      expect(message.words).toContain('the demo needs it, password=•••');
      await stage.click(BOB, message, 'deny_request');
      await stage.seeRequest(id, '*Denied*');
      await stage.type(ALICE, `requests ${id}`);
      await stage.see(new RegExp(`${id}[\\s\\S]*\\*asked\\*`));
      const all = await (await fetch(`${stage.page}/_control/messages/${CHANNEL}`)).text();
      expect(all).toContain('the demo needs it');
      const { botToken, appToken } = stage.config.slack ?? {};
      for (const secret of [TYPED_SECRET, botToken?.reveal(), appToken?.reveal(), stage.redis.url])
        expect(all).not.toContain(secret);
    });

    // No host closes a door by itself yet: what holds is that an end that passed while nothing of Drawbridge ran is made up for at once.
    it('has an end that does not fail open', async () => {
      await worker.stop();
      const standing = (await stage.records.doors.list()).find(({ request }) => request === door.id);
      if (standing?.endsAt === undefined) throw new Error('no door with an end');
      await stage.records.doors.put({ ...standing, endsAt: Date.now() - 1_000 });
      expect(await page(18_301)).toContain('<title>blog</title>');
      await work();
      await until(async () => (await shut(18_301)) || undefined, 'the door to be closed', 30_000);
      const word = await stage.see(/^<@U0ALICE> <@U0BOB> .*Closed[\s\S]*Its end had come/);
      expect(word.thread_ts).toBe(door.asked.ts);
    });

    it('runs without a public endpoint', async () => {
      expect(stage.config.slack?.signingSecret).toBeUndefined();
      const at = `http://127.0.0.1:${stage.bot.port}`;
      expect((await fetch(`${at}/healthz`)).status).toBe(200);
      // Where Slack's requests come by HTTP it answers 401 to one without a signature.
      expect((await fetch(`${at}/slack/events`, { method: 'POST', body: '{}' })).status).toBe(405);
      await stage.type(ALICE, 'doctor');
      await stage.see(/ok · \*Slack: connection\*: by Socket Mode/);
    });

    it('touches nothing that it did not make', async () => {
      await stage.closeAll();
      const { network } = await client.getInstanceState('shop');
      const target = network?.eth0?.addresses[0]?.address ?? '';
      const byHand = {
        listen_port: '18350',
        protocol: 'tcp',
        target_address: target,
        target_port: '80',
      } as const;
      await client.createForward('lxdbr0', {
        listen_address: ADDRESS,
        description: 'by hand',
        config: {},
        ports: [{ ...byHand, description: 'door-like' }],
      });
      const before = JSON.stringify(await client.listForwards('lxdbr0'));
      expect(await page(18_350)).toContain('<title>shop</title>');
      await stage.type(ALICE, 'expose blog 80 as 18350');
      await stage.see(/18350 is forwarded to .* already, not by Drawbridge/);
      await stage.type(ALICE, 'unexpose shop 80 as 18350');
      await stage.see('Drawbridge did not open it and leaves it alone');
      const id = await stage.ask(ALICE, 'expose blog 80 as 18351');
      await stage.click(BOB, await stage.seeRequest(id, 'Needs approval'), 'approve_request');
      expect((await stage.seeRequest(id, '*Open*')).words).toContain('is left alone');
      await stage.type(BOB, 'panic');
      await stage.click(BOB, await stage.see('on all hosts?'), 'panic_now');
      await until(async () => (await shut(18_351)) || undefined, 'the door of ours to be closed');
      expect(JSON.stringify(await client.listForwards('lxdbr0'))).toBe(before);
      expect(await page(18_350)).toContain('<title>shop</title>');
      await client.deleteForward('lxdbr0', ADDRESS);
    });
  },
);
