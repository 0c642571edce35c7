/**
 * The menu and the form behind `expose` in Chromium, on the emulator's page, with a stand-in LXD. The emulator asks for no options, sends
 * no choice before the form is sent, and forgets what is filled in when a view changes: all of that is in test/slack/expose-form.test.ts.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLog } from '../../src/log.ts';
import { connectRedis } from '../../src/records/redis.ts';
import { findLocalSlack, PLAYGROUND_ROLES } from '../../src/sandbox/local-slack.ts';
import { createSandboxHost, type SandboxHost } from '../../src/sandbox/lxd/lxd-host.ts';
import { WITH_PICTURES } from '../stage/slack-page.ts';
import { ALICE, raiseStage, type Stage } from '../stage/stage.ts';

const CHROMIUM = '/usr/bin/chromium';
const QUIET = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync'];
const ADDRESS = `127.78.${process.pid % 250}.${Math.floor(process.pid / 250) % 250}`;
const PHONE = { width: 390, height: 844 };
const DESK = { width: 1280, height: 900 };
const CAN = findLocalSlack() !== undefined && existsSync(CHROMIUM);

describe.runIf(CAN)('the form in a browser (needs the emulator local-slack and Chromium)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'db-form-'));
  let lxd: SandboxHost;
  let stage: Stage;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    mkdirSync('test-results', { recursive: true });
    const socket = join(folder, 'lxd.sock');
    const log = createLog({ level: 'silent', readable: true });
    lxd = createSandboxHost({ socket, publicAddress: ADDRESS, log });
    await lxd.start();
    const host = { unix: socket, public_address: ADDRESS, ssh_port: 22 };
    const rest = { ownRequests: false, privateNetworks: [], approvalSeconds: 600, sensitivePorts: [] };
    const when = { ports: [{ from: 22, to: 22 }] };
    const rules = [{ name: 'no ssh', when, end: 'refuse', text: 'SSH stays inside' }] as const;
    stage = await raiseStage({
      file: {
        clouds: {},
        networks: { office: ['10.1.0.0/16'], vpn: ['10.2.0.0/16'] },
        hosts: { sandbox: { ...host, public_ports: { from: 18_200, to: 18_299 } } },
        policy: { ...PLAYGROUND_ROLES, ...rest, rules },
      },
    });
    browser = await chromium.launch({ executablePath: CHROMIUM, args: QUIET });
    page = await browser.newPage({ viewport: DESK });
    await page.goto(stage.page);
    await page.locator('button.sidebar-item', { hasText: 'doors' }).first().click();
    await page.locator('.actas select').selectOption(ALICE);
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await stage?.stop();
    await lxd?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const modal = () => page.locator('.modal');
  const field = (label: string) => modal().locator(`.bk-input:has(.bk-label:text-is("${label}"))`);
  async function shoot(name: string): Promise<void> {
    if (!WITH_PICTURES) return;
    await page.screenshot({ path: `test-results/${name}.png` });
    await page.setViewportSize(PHONE);
    await page.screenshot({ path: `test-results/${name}-phone.png` });
    // The form is longer than a phone.
    if ((await modal().count()) > 0) {
      await page.setViewportSize({ ...PHONE, height: 1_700 });
      await page.screenshot({ path: `test-results/${name}-phone-whole.png` });
    }
    await page.setViewportSize(DESK);
  }
  /** The form once the hosts were looked at. */
  async function filled(): Promise<void> {
    await modal().getByText('Public port').waitFor();
    const waits = modal().getByText(/Looking at the hosts|do not answer in time/);
    await waits.waitFor({ state: 'detached' });
  }
  async function close(): Promise<void> {
    await page.locator('.modal-x').click();
    await modal().waitFor({ state: 'detached' });
  }

  it('is opened by the menu’s first button, and becomes a request with the plan in the channel', async () => {
    await stage.type(ALICE, '');
    await page.getByText('What would you like?').waitFor();
    await shoot('6-menu');
    await page.getByRole('button', { name: 'Expose an instance…' }).click();
    await filled();
    await shoot('7-form');
    await field('Instance').locator('select').selectOption('sandbox/blog');
    await field('Port').locator('input').fill('80');
    await field('Who may come in').getByLabel('office').check();
    await field('Road').locator('select').selectOption('forward');
    await field('Public port').locator('input').fill('18223');
    await field('Reason, for those who decide').locator('input').fill('the team wants to try it');
    await shoot('8-form-filled');
    await modal().getByRole('button', { name: 'Ask' }).click();
    const asked = await stage.see('Needs approval');
    expect(asked.words).toContain('18223');
    await modal().waitFor({ state: 'detached' });
    expect((await stage.records.requests.latest(1))[0]?.asked).toMatchObject({
      text: 'expose sandbox/blog 80 as 18223 from office via forward because the team wants to try it',
      requester: ALICE,
    });
  }, 60_000);

  it('says under a field what was not understood, and what the policy refuses on top', async () => {
    await stage.type(ALICE, 'expose');
    await filled();
    await field('Instance').locator('select').selectOption('sandbox/shop');
    await field('Port').locator('input').fill('http');
    await modal().getByRole('button', { name: 'Ask' }).click();
    await modal().getByText('"http" is not a port').waitFor();
    if (WITH_PICTURES) await page.screenshot({ path: 'test-results/9-form-mistake.png' });
    await field('Port').locator('input').fill('22');
    await modal().getByRole('button', { name: 'Ask' }).click();
    await modal().getByText('SSH stays inside.').waitFor();
    await shoot('10-form-refused');
    await close();
  }, 60_000);

  it('shows the ports that listen in the instance that was chosen', async () => {
    await stage.type(ALICE, 'expose');
    await filled();
    const view = await formShown();
    const form = await stage.records.forms.get(view);
    if (form === undefined) throw new Error(`no form ${view}`);
    // What the bot does when Slack tells it of the choice.
    const instance = { host: 'sandbox', instance: 'blog' };
    await stage.records.forms.put({ ...form, chosen: { ...instance, at: 1, ports: 'looking' } });
    await stage.queues.fillForm({ form: view, instance });
    await field('Port that listens').waitFor();
    expect(await field('Port that listens').locator('option').allTextContents()).toContain('80 · HTTP');
    await shoot('11-form-ports');
    await close();
  }, 60_000);

  /** The newest form in the records; the emulator gives a view a new id with every change. */
  async function formShown(): Promise<string> {
    const redis = await connectRedis(
      stage.redis.config,
      { patient: false },
      createLog({ level: 'silent', readable: true }),
    );
    try {
      const keys = await redis.keys(`${stage.config.prefix}:form:*`);
      const forms = await Promise.all(keys.map(async (key) => ({ key, left: await redis.pttl(key) })));
      const newest = forms.sort((a, b) => b.left - a.left)[0];
      return newest?.key.split(':').at(-1) ?? '';
    } finally {
      redis.disconnect();
    }
  }
});
