/** The README's first command, as a person meets it: the page in Chromium, the command as one user, the approval as another. */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeLab } from '../lab/describe-lab.ts';
import { curl } from '../stage/curl.ts';
import { until } from '../stage/until.ts';

const QUIET = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-sync',
];

describeLab('npm start in a browser', () => {
  let browser: Browser;
  let page: Page;
  let said = '';
  let stop: () => Promise<number | null>;
  const data = mkdtempSync(join(tmpdir(), 'db-start-'));

  beforeAll(async () => {
    mkdirSync('test-results', { recursive: true });
    start();
    const address = await until(async () => /Open {2}(http:\S+)/.exec(said)?.[1], 'the page to open', 90_000);
    browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: QUIET });
    page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    await page.goto(address);
    await page.locator('button.sidebar-item', { hasText: 'doors' }).first().click();
  });
  afterAll(async () => {
    await browser?.close();
    await stop?.();
    await until(async () => (/"msg":"stopped"/.test(said) ? true : undefined), 'the end of everything');
    rmSync(data, { recursive: true, force: true });
  });

  function start(): void {
    const { PATH = '', HOME = '' } = process.env;
    const child = spawn('npm', ['start'], {
      env: { PATH, HOME, DRAWBRIDGE_DATA: data },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout.on('data', (chunk) => (said += chunk));
    child.stderr.on('data', (chunk) => (said += chunk));
    const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
    stop = () => {
      child.kill('SIGTERM');
      return exited;
    };
  }

  async function actAs(user: string): Promise<void> {
    await page.locator('select').selectOption({ label: user });
  }

  async function type(text: string): Promise<void> {
    await page.locator('textarea.composer-input').fill(text);
    await page.locator('button.composer-send').click();
  }

  it('says what to open, what to type and which parts are stand-ins', () => {
    expect(said).toContain('/lxd expose blog 80');
    expect(said).toMatch(/Slack: the emulator local-slack[\s\S]*ALL interfaces/);
    expect(said).toMatch(/LXD: a stand-in with the instances blog, shop and db/);
    expect(said).toMatch(/Redis: this machine’s redis-server/);
  });

  it('opens a door: Alice asks, Bob approves, the page shows the proof, the door answers, and closes', async () => {
    await actAs('Alice (asks)');
    await type('/lxd expose blog 80 because the screenshot');
    await page.getByRole('button', { name: 'Approve' }).waitFor();
    await page.screenshot({ path: 'test-results/1-asked.png' });
    await actAs('Bob (asks and approves)');
    await page.getByRole('button', { name: 'Approve' }).click();
    await page.getByText('and proven').first().waitFor();
    await page.screenshot({ path: 'test-results/2-open.png' });
    expect(await page.getByRole('button', { name: 'Approve' }).count()).toBe(0);
    expect((await curl('http://127.0.0.1:8080/')).body).toContain('<title>blog</title>');

    await actAs('Alice (asks)');
    await type('/lxd unexpose blog 80');
    await page.getByText('no longer answers').first().waitFor();
    expect((await curl('http://127.0.0.1:8080/')).code).toBe(7);
    await page.setViewportSize({ width: 420, height: 900 });
    await page.screenshot({ path: 'test-results/3-closed-phone.png' });
    await page.setViewportSize({ width: 1280, height: 900 });
  });

  it('shows the Home: requests, doors, hosts', async () => {
    await page.locator('button.sidebar-item', { hasText: 'drawbridge' }).first().click();
    await page.getByText('Your requests').first().waitFor();
    await page.getByText('answers · LXD').first().waitFor();
    await page.screenshot({ path: 'test-results/4-home.png' });
    await page.locator('button.sidebar-item', { hasText: 'doors' }).first().click();
  });

  it('answers help and a mistake privately', async () => {
    await type('/lxd exspose blog 80');
    await page.getByText('Did you mean').first().waitFor();
    await type('/lxd help');
    await page.getByText('opens a door from outside').first().waitFor();
    await page.screenshot({ path: 'test-results/5-help.png' });
  });

  it('keeps its doors over a restart and leaves nothing running', async () => {
    await type('/lxd expose shop 80 as 8090');
    await actAs('Bob (asks and approves)');
    await page.getByRole('button', { name: 'Approve' }).click();
    await page.getByText('“shop”').first().waitFor();
    await stop();
    await until(async () => (/"msg":"stopped"/.test(said) ? true : undefined), 'the end of everything');
    expect((await curl('http://127.0.0.1:8090/')).code).toBe(7);
    expect((await curl('http://localhost:3000/')).code).toBe(7);
    said = '';
    start();
    await until(async () => (/Open {2}(http:\S+)/.test(said) ? true : undefined), 'the second start', 30_000);
    expect((await curl('http://127.0.0.1:8090/')).body).toContain('<title>shop</title>');
  });
});
