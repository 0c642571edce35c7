/** The whole journey on real servers: emulated Slack, Redis, worker, sshd, LXD, curl from outside. */
import { spawn } from 'node:child_process';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { describeLab } from '../lab/describe-lab.ts';
import { inNamespace, instanceAddress, launchInstance, lxc, lxcQuery } from '../lab/lab.ts';
import { curl } from '../stage/curl.ts';
import { labConfig } from '../stage/lab-config.ts';
import { ALICE, BOB, CAROL, raiseStage, type Shown, type Stage } from '../stage/stage.ts';
import { until } from '../stage/until.ts';

describeLab('the walk', (lab) => {
  const { web1 } = lab.hosts;
  let stage: Stage;

  beforeAll(async () => {
    stage = await raiseStage({ file: labConfig(lab) });
  });
  afterAll(() => stage.stop());
  afterEach(() => stage.closeAll());

  async function open(text: string, ends: RegExp | string = '*Open* and proven'): Promise<Shown> {
    const id = await stage.ask(ALICE, text);
    await stage.click(BOB, await stage.seeRequest(id, 'Needs approval'), 'approve_request');
    return stage.seeRequest(id, ends);
  }

  async function close(text: string): Promise<void> {
    await stage.seeRequest(await stage.ask(ALICE, text), '*Closed*');
  }

  it('opens a door with approval, proves it from outside, tells both, and closes it again', async () => {
    expect((await curl(`http://${web1.address}/`)).code).toBe(7);
    const id = await stage.ask(ALICE, 'expose blog 80 because “the demo”');
    const asked = await stage.seeRequest(id, 'Needs approval');
    expect(asked.words).toContain(`Opens *${web1.address}:80* → web1/blog:80 for anyone`);
    expect(asked.words).toContain('the demo');
    expect((await curl(`http://${web1.address}/`)).code).toBe(7);

    await stage.click(BOB, asked, 'approve_request');
    const done = await stage.seeRequest(id, '*Open* and proven');
    expect(done.words).toContain('answered 200 “blog”');
    expect(done.words).toContain(`Approved by <@${BOB}>`);
    expect(done.buttons).toEqual([]);
    expect((await curl(`http://${web1.address}/`)).body).toContain('<title>blog</title>');
    const word = await stage.see(/<@U0ALICE> <@U0BOB> .*Open/);
    expect(word.thread_ts).toBe(done.ts);

    await stage.type(ALICE, 'doors');
    expect((await stage.see('*1 door*')).words).toContain(`approved by <@${BOB}>`);

    await close('unexpose blog 80');
    expect((await curl(`http://${web1.address}/`)).code).toBe(7);
    expect(await lxcQuery(web1, '/1.0/networks/lxdbr0/forwards')).toEqual([]);
    const blog = await lxcQuery<{ devices: object; config: Record<string, string> }>(
      web1,
      '/1.0/instances/blog',
    );
    expect(blog.devices).toEqual({});
    expect(Object.keys(blog.config).filter((key) => key.includes('drawbridge'))).toEqual([]);
  });

  it('lets only the named sources in, and says what hanging the filter does', async () => {
    await open('expose blog 80 as 8080 from office');
    expect((await curl(`http://${web1.address}:8080/`, lab.ownAddress)).body).toContain('blog');
    expect((await curl(`http://${web1.address}:8080/`, lab.strangerAddress)).code).toBe(28);
  });

  it('says that it could not prove a door whose sources leave the worker out', async () => {
    await open(`expose blog 80 as 8080 from ${lab.strangerAddress}`, 'checked but not proven');
    expect((await curl(`http://${web1.address}:8080/`, lab.strangerAddress)).body).toContain('blog');
    expect((await curl(`http://${web1.address}:8080/`, lab.ownAddress)).code).toBe(28);
  });

  it('opens by a nat proxy when asked to', async () => {
    await open('expose blog 80 as 8082 via proxy');
    expect((await curl(`http://${web1.address}:8082/`)).body).toContain('blog');
    const { devices } = await lxcQuery<{ devices: Record<string, Record<string, string>> }>(
      web1,
      '/1.0/instances/blog',
    );
    expect(Object.values(devices).find(({ type }) => type === 'proxy')?.nat).toBe('true');
  });

  it('takes the user-space proxy where a service listens on 127.0.0.1 only, and says why', async () => {
    expect((await open('expose local 80 as 8083')).words).toContain(
      'not forward or proxy: local listens on 127.0.0.1 only',
    );
    expect((await curl(`http://${web1.address}:8083/`)).body).toContain('local');
  });

  it('finds an instance on whichever host has it, and a host by name', async () => {
    await open('expose shop 80 as 8084');
    await open('expose web2/twin 80 as 8085');
    expect((await curl(`http://${lab.hosts.web2.address}:8084/`)).body).toContain('shop');
    expect((await curl(`http://${lab.hosts.web2.address}:8085/`)).body).toContain('twin');
  });

  it('keeps the door over a restart of the instance', async () => {
    await launchInstance(web1, 'walk-restart');
    try {
      await open('expose walk-restart 80 as 8086');
      const before = await instanceAddress(web1, 'walk-restart');
      await lxc(web1, 'restart', 'walk-restart');
      await until(
        async () => ((await curl(`http://${web1.address}:8086/`)).code === 0 ? true : undefined),
        'the door after the restart',
      );
      expect(await instanceAddress(web1, 'walk-restart')).toBe(before);
      await close('unexpose walk-restart 80');
    } finally {
      await lxc(web1, 'delete', '--force', 'walk-restart');
    }
  });

  it('reports a door behind which nothing listens as not proven, with the hop', async () => {
    const shown = await open('expose idle 80 as 8087', 'does not answer');
    expect(shown.words).toContain('nothing listens on idle:80 now');
    expect(shown.words).toContain(
      'The first hop that fails: *service on idle:80 is missing: nothing listens there*',
    );
  });

  it.each([
    ['expose off 80', /off on web1 is stopped/],
    ['expose blgo 80', /no instance `blgo`[\s\S]*Did you mean `blog`/],
    ['expose twin 80', /2 hosts have an instance `twin`[\s\S]*`web1\/twin` or `web2\/twin`/],
    ['expose web3/blog 80', /no host `web3`[\s\S]*Did you mean `web[12]\/blog`/],
    ['expose blog 80 as 22', /22 on web1 is its ssh port[\s\S]*Free: `as 8080`/],
    ['expose blog 80 as 8443', /its LXD port/],
    ['expose blog 80 as 0.0.0.0:80', /0\.0\.0\.0 is every address/],
    [
      'expose blog 80 as 198.51.100.99:80',
      /does not have the address 198\.51\.100\.99[\s\S]*web1 has 198\.51\.100\.11, 198\.51\.100\.21/,
    ],
    ['expose blog 80-90', /range of ports; a door is one port/],
    ['expose local 80 from office', /No road leads to local/],
    ['unexpose blog 80', /There is no door to blog:80/],
  ])('refuses `%s` to the requester alone, before anything changes', async (text, words) => {
    const before = await lxcQuery(web1, '/1.0/networks/lxdbr0/forwards');
    await stage.type(ALICE, text);
    const refusal = await until(
      async () => (await stage.messages()).findLast((message) => words.test(message.words)),
      `a refusal of ${text}`,
    );
    expect(refusal.thread_ts).toBeUndefined();
    expect(await lxcQuery(web1, '/1.0/networks/lxdbr0/forwards')).toEqual(before);
    const left = await until(async () => {
      const open = (await stage.messages()).filter(({ words: all }) => all.includes('Looking for the road'));
      return open.length === 0 ? open : undefined;
    }, 'the planning message to go');
    expect(left).toEqual([]);
  });

  it('refuses what nobody listed, and says whom it is for', async () => {
    await stage.type(CAROL, 'expose blog 80');
    await stage.see('`expose` is for operators; you are not among them');
    await stage.type(CAROL, 'help expose');
    await stage.see('It opens a door from outside');
  });

  it('answers every click: own request, late, repeated, after deny', async () => {
    const id = await stage.ask(ALICE, 'expose blog 80');
    const asked = await stage.seeRequest(id, 'Needs approval');
    await stage.click(ALICE, asked, 'approve_request');
    await stage.see('Deciding is for approvers');
    await stage.click(BOB, asked, 'deny_request');
    await stage.seeRequest(id, '*Denied*');
    await stage.click(BOB, asked, 'approve_request');
    await stage.see('Too late');
    expect((await curl(`http://${web1.address}/`)).code).toBe(7);

    const own = await stage.ask(BOB, 'expose blog 80 as 8080');
    await stage.click(BOB, await stage.seeRequest(own, 'Needs approval'), 'approve_request');
    await stage.see('This is your own request');
    await stage.type(BOB, `cancel ${own}`);
    await stage.seeRequest(own, '*Cancelled*');
    expect((await curl(`http://${web1.address}:8080/`)).code).toBe(7);
  });

  it('voids an approval when the world changed, shows the difference and asks anew', async () => {
    await launchInstance(web1, 'walk-moved');
    try {
      const id = await stage.ask(ALICE, 'expose walk-moved 80 as 8088');
      const asked = await stage.seeRequest(id, 'Needs approval');
      await lxc(web1, 'config', 'device', 'override', 'walk-moved', 'eth0', 'ipv4.address=10.11.0.77');
      await lxc(web1, 'restart', 'walk-moved');
      await until(
        async () => ((await instanceAddress(web1, 'walk-moved')) === '10.11.0.77' ? true : undefined),
        'the new address',
      );
      await stage.click(BOB, asked, 'approve_request');
      const anew = await stage.seeRequest(id, /world changed since the approval/);
      expect(anew.words).toContain('10.11.0.77');
      expect((await curl(`http://${web1.address}:8088/`)).code).toBe(7);
      await stage.click(BOB, asked, 'approve_request');
      await stage.see('The plan has changed since this was shown');
      await stage.click(BOB, anew, 'approve_request');
      await stage.seeRequest(id, '*Open* and proven');
      await close('unexpose walk-moved 80');
    } finally {
      await lxc(web1, 'delete', '--force', 'walk-moved');
    }
  });

  it('leaves alone what it did not make', async () => {
    const target = await instanceAddress(web1, 'blog');
    await lxc(web1, 'network', 'forward', 'create', 'lxdbr0', web1.address);
    await lxc(
      web1,
      'network',
      'forward',
      'port',
      'add',
      'lxdbr0',
      web1.address,
      'tcp',
      '8090',
      target ?? '',
      '80',
    );
    try {
      const before = await lxcQuery(web1, `/1.0/networks/lxdbr0/forwards/${web1.address}`);
      await stage.type(ALICE, 'expose blog 80 as 8090');
      await stage.see(/8090 is forwarded to .* already, not by Drawbridge/);
      await stage.type(ALICE, 'unexpose blog 80 as 8090');
      await stage.see('Drawbridge did not open it and leaves it alone');
      expect((await open('expose blog 80 as 8091')).words).toContain(
        'was made by somebody else and is left alone',
      );
      expect(await lxcQuery(web1, `/1.0/networks/lxdbr0/forwards/${web1.address}`)).toEqual(before);
      await close('unexpose blog 80 as 8091');
    } finally {
      await lxc(web1, 'network', 'forward', 'delete', 'lxdbr0', web1.address);
    }
  });

  it('does not take a port at which the host itself answers', async () => {
    const [program = '', ...args] = inNamespace(web1.namespace, [
      'socat',
      'TCP-LISTEN:8092,fork,reuseaddr',
      'EXEC:cat',
    ]);
    const listener = spawn(program, args, { stdio: 'ignore' });
    try {
      await until(
        async () => ((await curl(`http://${web1.address}:8092/`)).code === 7 ? undefined : true),
        'the listener',
      );
      await stage.type(ALICE, 'expose blog 80 as 8092');
      await stage.see(/Something on web1 itself answers at 198\.51\.100\.11:8092/);
    } finally {
      listener.kill('SIGKILL');
    }
  });

  it('shows a plan without doing anything, and everything that happened to a request', async () => {
    await stage.type(ALICE, 'plan expose blog 80');
    const dry = await stage.see('*Dry run*');
    expect(dry.words).toContain('Nothing was changed.');
    const id = / · `(req-[a-z0-9]+)`/.exec((await open('expose blog 80')).words)?.[1] ?? '';
    await stage.type(ALICE, `requests ${id}`);
    const history = await stage.see('*step begun*');
    for (const kind of ['asked', 'planned', 'decided', 'step begun', 'step done', 'proof', 'ended'])
      expect(history.words).toContain(`*${kind}*`);
  });

  it('opens udp and says that it cannot be proven', async () => {
    expect((await open('expose blog 53/udp as 5353', 'does not answer')).words).toContain(
      'udp gives no answer of its own',
    );
  });

  it('lists instances, one instance and hosts', async () => {
    await stage.type(ALICE, 'list');
    expect((await stage.see('`web2/shop` running')).words).toContain('`web1/off` stopped');
    await stage.type(ALICE, 'info local');
    expect((await stage.see('Listens on')).words).toContain('80 (127.0.0.1)');
    await stage.type(ALICE, 'hosts');
    expect((await stage.see('*web2* answers')).words).toContain('LXD 5.0.2');
  });
});
