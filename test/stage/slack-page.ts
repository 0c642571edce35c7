/** The emulator's page in Chromium, used and seen as people do: as one of them, at a desk and on a phone. */
import { existsSync, mkdirSync } from 'node:fs';
import { type Browser, chromium, type Locator, type Page } from 'playwright-core';
import { findLocalSlack } from '../../src/sandbox/local-slack.ts';

const CHROMIUM = '/usr/bin/chromium';
const QUIET = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync'];
const DESK = { width: 1280, height: 1_000 };
/** Wide as a phone; as high as what is to be seen may be. */
const PHONE = { width: 390, height: 1_600 };
/** Slack on a phone has no sidebar beside what is read. */
const PHONE_STYLE = '.sidebar, .workspace-rail, .rail { display: none !important; }';

/** Pictures are for people to look at; where nobody does, they only take time. */
export const WITH_PICTURES = process.env.DRAWBRIDGE_PICTURES !== 'no';
/** Whether there is what such a test needs. */
export const HAS_PAGE = findLocalSlack() !== undefined && existsSync(CHROMIUM);

export interface SlackPage {
  page: Page;
  actAs(user: string): Promise<void>;
  /** Opens a channel, or the Home of the bot. */
  open(place: 'doors' | 'drawbridge'): Promise<void>;
  /** The newest message with this in it. */
  message(words: string | RegExp): Locator;
  /** Types in the channel that is open. */
  type(text: string): Promise<void>;
  /** Two pictures of what is seen, into test-results. */
  shoot(name: string): Promise<void>;
  /** Opens the thread of the newest message with a word in it, and closes it again. @returns what was said there last */
  lookAtThread(words: string, picture: string): Promise<string>;
  close(): Promise<void>;
}

/** Opens the page in a browser of its own. */
export async function openSlackPage(address: string): Promise<SlackPage> {
  mkdirSync('test-results', { recursive: true });
  const browser: Browser = await chromium.launch({ executablePath: CHROMIUM, args: QUIET });
  const page = await browser.newPage({ viewport: DESK });
  page.setDefaultTimeout(15_000);
  await page.goto(address);
  const open = (place: string) => page.locator('button.sidebar-item', { hasText: place }).first().click();
  await open('doors');
  const message = (words: string | RegExp) => page.locator('.msg').filter({ hasText: words }).last();
  const shoot = async (name: string): Promise<void> => {
    if (!WITH_PICTURES) return;
    await page.screenshot({ path: `test-results/${name}.png` });
    await page.setViewportSize(PHONE);
    const style = await page.addStyleTag({ content: PHONE_STYLE });
    await page.screenshot({ path: `test-results/${name}-phone.png` });
    await style.evaluate((element) => (element as unknown as { remove(): void }).remove());
    await page.setViewportSize(DESK);
  };
  return {
    page,
    open,
    message,
    shoot,
    async actAs(user) {
      await page.locator('.actas select').selectOption(user);
    },
    async type(text) {
      await page.locator('textarea.composer-input').first().fill(text);
      await page.locator('button.composer-send').first().click();
    },
    async lookAtThread(words, picture) {
      await message(words).locator('.thread-summary').click();
      const pane = page.locator('.thread-pane');
      await pane.locator('.msg').nth(1).waitFor();
      await shoot(picture);
      const said = await pane.locator('.msg').last().innerText();
      await page.locator('.thread-x').click();
      return said;
    },
    close: () => browser.close(),
  };
}
