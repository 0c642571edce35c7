/** Road `lan`: an instance of a physical host gets its address from the LAN's own DHCP, on real LXD. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeLab } from '../lab/describe-lab.ts';
import { launchInstance, lxc, lxcQuery } from '../lab/lab.ts';
import { curl } from '../stage/curl.ts';
import { labConfig } from '../stage/lab-config.ts';
import { ALICE, BOB, raiseStage, type Stage } from '../stage/stage.ts';

describeLab('the road lan', (lab) => {
  const { web1 } = lab.hosts;
  let stage: Stage;

  beforeAll(async () => {
    await launchInstance(web1, 'onlan');
    stage = await raiseStage({ file: labConfig(lab) });
  });
  afterAll(async () => {
    await stage.stop();
    await lxc(web1, 'delete', '--force', 'onlan');
  });

  const configOf = async () => {
    const { config, devices } = await lxcQuery<{ config: Record<string, string>; devices: object }>(
      web1,
      '/1.0/instances/onlan',
    );
    return { devices, marks: Object.keys(config).filter((key) => key.startsWith('user.drawbridge')) };
  };

  it('gives it a card, reports the lease, answers from outside, and gives back what was there', async () => {
    const before = await configOf();
    const id = await stage.ask(ALICE, 'expose onlan 80 via lan');
    const asked = await stage.seeRequest(id, 'Needs approval', 20_000);
    expect(asked.words).toContain('an address from the LAN, port 80');
    expect(asked.words).toContain('all ports of onlan can be reached from the LAN');
    await stage.click(BOB, asked, 'approve_request');
    const done = await stage.seeRequest(id, '*Open* and proven', 90_000);
    const address = /198\.51\.100\.2\d\d/.exec(done.words)?.[0] ?? expect.fail(done.words);
    expect((await curl(`http://${address}/`)).body).toContain('<title>onlan</title>');

    await stage.type(ALICE, 'doors');
    expect((await stage.see('*1 door*')).words).toContain(address);

    await stage.seeRequest(await stage.ask(ALICE, 'unexpose onlan 80'), '*Closed*', 60_000);
    expect((await curl(`http://${address}/`)).code).not.toBe(0);
    expect(await configOf()).toEqual(before);
  });

  it('is refused with `from`, which nothing on the LAN would enforce', async () => {
    await stage.type(ALICE, `expose onlan 80 from ${lab.ownAddress} via lan`);
    expect((await stage.see('No road leads to onlan')).words).toContain('nothing on the way could enforce');
  });
});
