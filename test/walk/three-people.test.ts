/**
 * What three people see in Chromium, on the emulator’s page, at a desk and on a phone, where a rule wants two of them; with a stand-in LXD.
 * Pictures of each station are left in test-results.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { curl } from '../stage/curl.ts';
import { HAS_PAGE, type SlackPage } from '../stage/slack-page.ts';
import { ALICE, BOB, CAROL, DAVE, type Stage } from '../stage/stage.ts';
import { gatherThreePeople, type ThreePeople } from '../stage/three-people.ts';
import { until } from '../stage/until.ts';
import { expectInOrder } from '../support/in-order.ts';

/** An address of its own, so that several runs on one machine do not meet. */
const ADDRESS = `127.79.${process.pid % 250}.${Math.floor(process.pid / 250) % 250}`;
const LONG = { timeout: 120_000 };

describe.runIf(HAS_PAGE)('three people in a browser (needs the emulator local-slack and Chromium)', () => {
  let gathered: ThreePeople;
  let stage: Stage;
  let slack: SlackPage;

  beforeAll(async () => {
    gathered = await gatherThreePeople(ADDRESS);
    ({ stage, slack } = gathered);
  }, 120_000);
  afterAll(() => gathered?.stop());

  /** A button of the newest message with a word in it. */
  const button = (words: string | RegExp, name: string) =>
    slack.message(words).getByRole('button', { name, exact: true });
  /** Waits until it is said to one person alone, and stands on their page. */
  const told = async (user: string, words: string) => {
    const privately = async () =>
      (await stage.messages()).find(
        (message) => message.ephemeralFor === user && message.words.includes(words),
      );
    await until(privately, `"${words}" for ${user} alone`);
    await slack.message(words).waitFor();
  };

  it('are told who could approve, and open a door when two have', LONG, async () => {
    await slack.actAs(ALICE);
    await slack.type('/lxd policy expose blog 22');
    await told(ALICE, 'Could approve it');
    expect((await stage.see('Could approve it')).words).toContain(
      `<@${BOB}>, <@${DAVE}>. You may not approve it yourself.`,
    );
    await slack.shoot('20-who-could-approve');

    await slack.type('/lxd expose blog 80 as 18380 because the customer looks at it today');
    await button('Needs approval', 'Approve').waitFor();
    const asked = await stage.see('Needs approval');
    expectInOrder(asked.words, ['customer looks', 'Opens', '↓ blog:80', 'Needs approval', 'May decide']);
    expect(asked.words).toContain('*Needs approval* by 2 people: it lets in the internet');
    expect(asked.words).toContain(`May decide: <@${BOB}>, <@${DAVE}>. It expires at`);
    await slack.shoot('21-asked');
    await button('Needs approval', 'Approve').click();
    await told(ALICE, 'To take it back, press Cancel');
    await slack.shoot('22-own-refused');

    await slack.actAs(BOB);
    await button('Needs approval', 'Approve').click();
    await slack.message('1 more to go').waitFor();
    expect((await stage.see('1 more to go')).words).toContain(`May still decide: <@${DAVE}>.`);
    await slack.shoot('23-one-of-two');
    await button('Needs approval', 'Approve').click();
    await told(BOB, 'once is enough');
    await slack.shoot('24-once-is-enough');

    await slack.actAs(DAVE);
    await button('Needs approval', 'Approve').click();
    await slack.message('and proven').waitFor();
    const open = await stage.see(/Expose blog:80[\s\S]*and proven/);
    expectInOrder(open.words, ['*Open* and proven', 'Approved by', 'Opens', '✓ forward']);
    expect(open.buttons).toEqual([]);
    expect((await curl(`http://${ADDRESS}:18380/`)).body).toContain('<title>blog</title>');
    const word = await stage.see(/^<@U0ALICE>.*and proven/);
    expect(word.text).toMatch(/^<@U0ALICE> <@U0BOB> <@U0DAVE> /);
    await slack.message('Expose blog:80').locator('.thread-summary').waitFor();
    await slack.shoot('25-open');
    expect(await slack.lookAtThread('Expose blog:80', '26-thread')).toContain('sandbox/blog:80');
  });

  it('see a request denied with the reason that somebody typed', LONG, async () => {
    await slack.actAs(ALICE);
    await slack.type('/lxd expose db 5432 as 18354 for 2h because the report needs it');
    const why = button('Expose db:5432', 'Deny, and say why…');
    await why.waitFor();
    await stage.openHome(BOB);
    expect((await stage.seeHome(BOB, 'Waiting for you')).words).toContain('0 of 2 people have approved it');
    await slack.actAs(BOB);
    await slack.shoot('30-asked-again');
    await why.click();
    const modal = slack.page.locator('.modal');
    await modal.getByText(/Deny req-/).waitFor();
    await modal.locator('.bk-plain-input').fill('the report runs inside; use the VPN');
    await slack.shoot('31-deny-modal');
    await modal.getByRole('button', { name: 'Deny' }).click();
    await slack.message('use the VPN').waitFor();
    const denied = await stage.see(/Expose db:5432[\s\S]*\*Denied\*/);
    expect(denied.words).toContain('*Denied*: the report runs inside; use the VPN. Nothing was changed.');
    expect(denied.words).toContain('Would open');
    expect(denied.words).not.toMatch(/▫︎|↓/);
    await slack.message('Expose db:5432').locator('.thread-summary').waitFor();
    await slack.shoot('32-denied');
  });

  it('ask in a thread by a mention, and see their Homes', LONG, async () => {
    await stage.say(BOB, 'Can somebody see the shop?');
    const talk = await stage.see('Can somebody see');
    await stage.say(ALICE, '<@U0DRAWBRIDGE> expose shop 80 as 18381 for 1h', talk.ts);
    const asked = await stage.see(/Expose shop:80[\s\S]*Needs approval/);
    await slack.lookAtThread('Can somebody see', '40-mention');
    await slack.open('drawbridge');
    const homes = { alice: ALICE, bob: BOB, carol: CAROL, dave: DAVE };
    for (const [name, user] of Object.entries(homes)) {
      await slack.actAs(user);
      const words = user === CAROL ? 'You may not look' : /Your requests[\s\S]*Open doors\*, 1/;
      const home = await stage.seeHome(user, words);
      expect(home.words.includes('Waiting for you')).toBe([BOB, DAVE].includes(user as typeof BOB));
      await slack.shoot(`41-home-${name}`);
    }
    await slack.open('doors');
    await stage.click(BOB, asked, 'approve_request');
    await stage.see(/Expose shop:80[\s\S]*1 more to go/);
    await stage.click(DAVE, asked, 'approve_request');
    await stage.see(/Expose shop:80[\s\S]*and proven/);
  });

  it('close everything by panic, and open it again together', LONG, async () => {
    for (const port of [18_382, 18_383, 18_384, 18_385, 18_386]) {
      const id = await stage.ask(ALICE, `expose blog ${port} as ${port} from 10.1.0.0/16`);
      await stage.seeRequest(id, /Carried out|\*Open\*/, 30_000);
    }
    await slack.actAs(DAVE);
    await slack.type('/lxd panic because somebody is in');
    await told(DAVE, 'Nothing happens before you press it');
    await slack.shoot('50-panic-question');
    await slack
      .message('Nothing happens before')
      .getByRole('button', { name: 'Close 7 doors on all hosts now' })
      .click();
    await slack.message('closed 7 doors').waitFor();
    const closed = await stage.see(/\*Panic all\*[\s\S]*closed 7 doors/);
    expectInOrder(closed.words, ['somebody is in', '*Done*: closed 7 doors', 'Closes 7 doors on all hosts']);
    await slack.shoot('51-panic');
    expect((await curl(`http://${ADDRESS}:18380/`)).code).toBe(7);

    await slack.actAs(ALICE);
    await slack.type('/lxd expose db 80');
    await told(ALICE, 'no door is opened there until');
    await slack.shoot('52-panic-refused');
    await slack.open('drawbridge');
    const home = await stage.seeHome(ALICE, /\*Panic\* for all hosts[\s\S]*Open doors\*, 0/);
    expect(home.words).not.toContain('&lt;@');
    await slack.shoot('53-panic-home');
    await slack.open('doors');
    await slack.type('/lxd panic off');
    await button('Panic off all', 'Approve').waitFor();
    const off = await stage.see(/\*Panic off all\*[\s\S]*Needs approval/);
    expectInOrder(off.words, ['Opens 7 doors', `• opens ${ADDRESS}:`, ' for anyone', '▫︎', 'Needs approval']);
    await slack.shoot('54-panic-off');
    for (const user of [BOB, DAVE]) {
      await slack.actAs(user);
      await button('Panic off all', 'Approve').click();
      if (user === BOB) await slack.message('1 more to go').waitFor();
    }
    await slack.message('opened 7 doors again').waitFor();
    await slack.shoot('55-panic-off-done');
    expect((await curl(`http://${ADDRESS}:18380/`)).body).toContain('<title>blog</title>');
  });

  it('are answered privately, each with the next move', LONG, async () => {
    await slack.actAs(ALICE);
    const answers: Readonly<Record<string, string>> = {
      help: 'says all that may stand behind one',
      'help expose': 'Flags like',
      doors: 'via forward',
      requests: 'shows all of one',
      hosts: 'instances · doors at',
      doctor: 'as the worker sees it',
      'info blog': 'Listens on',
      'exspose blog 80': 'Did you mean',
      'expose blog': 'Which port of',
      'expose nothere 80': 'There is no instance',
      'plan expose blog 81': 'asks for it',
      '': 'What would you like?',
    };
    for (const [at, [text, words]] of Object.entries(answers).entries()) {
      await slack.type(`/lxd ${text}`);
      await told(ALICE, words);
      await slack.shoot(`${60 + at}-private`);
    }
    await slack.actAs(CAROL);
    await slack.type('/lxd expose blog 80');
    await told(CAROL, 'Whoever keeps the policy can add you');
  });
});
