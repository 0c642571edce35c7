/** A machine that is adopted, drained and forgotten by commands, on real sshd and LXD. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parseConfigFile } from '../../src/config-file.ts';
import { describeLab } from '../lab/describe-lab.ts';
import { forgetGuard } from '../lab/forget-guard.ts';
import { lxcQuery } from '../lab/lab.ts';
import { curl } from '../stage/curl.ts';
import { ALICE, BOB, DAVE, raiseStage, type Shown, type Stage } from '../stage/stage.ts';

describeLab('a host that is adopted', (lab) => {
  const { web2 } = lab.hosts;
  let stage: Stage;

  beforeAll(async () => {
    const parsed = parseConfigFile(`
adopt: { key_file: ${web2.ssh.keyFile}, user: ${web2.ssh.user}, socket: ${web2.socket} }
roles:
  operators: { users: [${ALICE}, ${BOB}, ${DAVE}] }
  approvers: { users: [${BOB}, ${DAVE}] }
policy: { look: [operators], ask: [operators], approve: [approvers] }
`);
    if ('problems' in parsed) throw new Error(parsed.problems.join('\n'));
    stage = await raiseStage({ file: parsed.config });
  });
  afterAll(async () => {
    await stage.stop();
    await forgetGuard(web2);
  });

  async function approved(text: string, ends: string | RegExp): Promise<Shown> {
    const id = await stage.ask(ALICE, text);
    await stage.click(BOB, await stage.seeRequest(id, 'Needs approval', 20_000), 'approve_request');
    return stage.seeRequest(id, ends, 30_000);
  }

  it('is refused where nothing answers, where the user is wrong, and under a name that is taken', async () => {
    await stage.type(ALICE, 'host adopt ghost at 198.51.100.99');
    await stage.see('198.51.100.99 does not answer SSH', 30_000);
    await stage.type(ALICE, `host adopt second at ${web2.address} user nobody`);
    expect((await stage.see(`LXD on ${web2.address} cannot be opened`, 30_000)).words).toContain(
      'authorized_keys of nobody',
    );
  });

  it('shows what will be trusted, and can be used at once', async () => {
    const id = await stage.ask(ALICE, `host adopt second at ${web2.address}`);
    const asked = await stage.seeRequest(id, 'Needs approval', 20_000);
    expect(asked.words).toContain(web2.ssh.hostKeyFingerprint);
    expect(asked.words).toContain('which was only seen on the way');
    expect(await stage.records.knownHosts.list()).toEqual([]);
    await stage.click(BOB, asked, 'approve_request');
    await stage.seeRequest(id, 'Done', 30_000);
    await stage.type(ALICE, 'hosts');
    await stage.see(/second\* answers/);
    await approved('expose second/shop 80', '*Open* and proven');
    expect((await curl(`http://${web2.address}/`)).body).toContain('<title>shop</title>');
  });

  it('gives its doors up when it is drained, and takes none until that is taken back', async () => {
    const drained = await approved('host drain second', 'Done');
    expect(drained.words).toContain('closes its 1 door');
    // It was adopted with its guard, which keeps a closed door shut.
    expect((await curl(`http://${web2.address}/`)).code).toBe(28);
    expect(await stage.records.doors.list()).toEqual([]);
    await stage.type(ALICE, 'expose second/shop 80');
    await stage.see('second is drained');
    await stage.seeRequest(await stage.ask(ALICE, 'host drain second off'), 'Done', 20_000);
  });

  it('is forgotten after two approvals, and left as it is', async () => {
    const id = await stage.ask(ALICE, 'host delete second');
    const asked = await stage.seeRequest(id, 'by 2 people', 20_000);
    await stage.click(BOB, asked, 'approve_request');
    const half = await stage.seeRequest(id, '1 more to go', 20_000);
    // One person is one approval, however often they click.
    await stage.click(BOB, half, 'approve_request');
    await stage.see('once is enough');
    expect(await stage.records.knownHosts.list()).toHaveLength(1);
    await stage.click(DAVE, half, 'approve_request');
    await stage.seeRequest(id, 'Done', 20_000);
    expect(await stage.records.knownHosts.list()).toEqual([]);
    expect(await lxcQuery(web2, '/1.0/networks/lxdbr0/forwards')).toEqual([]);
    await stage.type(ALICE, 'host delete second');
    await stage.see('There is no host `second`');
  });
});
