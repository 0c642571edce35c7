/** What the client makes of a cloud that does not answer, answers nonsense, or says no. Real sockets. */
import { describe, expect, it } from 'vitest';
import type { FaultCode } from '../../src/errors.ts';
import { Secret } from '../../src/secret.ts';
import { faultOf } from '../lxd/fault-of.ts';
import { type Wrong, wrong } from './fake-cloud/faults.ts';
import { clientTo, faultSide, LOGIN, TIMEOUT_MS, to } from './fault-client.ts';

const neutron = (status: number, type: string, message: string): Wrong => ({
  status,
  body: { NeutronError: { type, message, detail: '' } },
});
const nova = (status: number, kind: string, message: string): Wrong => ({
  status,
  body: { [kind]: { code: status, message } },
});
const page: Wrong = {
  status: 500,
  body: {
    code: '500',
    title: 'Internal Server Error',
    message: 'Unexpected <b>API</b> Error.<br /><br />\n\n',
  },
};

describe('a change', () => {
  const cases: [string, Wrong, FaultCode, boolean, RegExp][] = [
    ['no answer', 'hang', 'openstack_timeout', true, new RegExp(`no answer within ${TIMEOUT_MS} ms`)],
    ['a connection dropped', 'drop', 'openstack_unreachable', true, /the connection was cut|hang up/],
    ['half a body', 'half', 'openstack_unreachable', true, /cut|aborted/],
    ['an empty body', 'empty', 'openstack_garbled', true, /it is empty/],
    ['garbage', 'garbage', 'openstack_garbled', true, /not the shape/],
    ['JSON of something else', { status: 200, body: { items: [] } }, 'openstack_garbled', true, /port: /],
    [
      'a redirection',
      { status: 302, headers: { Location: 'http://127.0.0.1:1/' } },
      'openstack_garbled',
      true,
      /302/,
    ],
    ['the page of a proxy that says 404', 'html', 'openstack_garbled', true, /Service down/],
    ['a 404 without a word', { status: 404 }, 'openstack_garbled', true, /HTTP status 404 without a word/],
    [
      'a 404',
      neutron(404, 'NetworkNotFound', 'Network x could not be found.'),
      'openstack_not_found',
      false,
      /Network x/,
    ],
    ['a bad request', neutron(400, 'InvalidInput', 'Bad port'), 'openstack_refused', false, /Bad port/],
    ['405', nova(405, 'badMethod', 'Not here'), 'openstack_refused', false, /Not here/],
    ['422', nova(422, 'unprocessable', 'No sense'), 'openstack_refused', false, /No sense/],
    ['403', nova(403, 'forbidden', 'Policy doesn’t allow this'), 'openstack_forbidden', false, /Policy/],
    [
      'a quota of Nova',
      nova(403, 'forbidden', 'Quota exceeded for cores: Requested 2, but already used 20 of 20 cores'),
      'openstack_quota',
      false,
      /20 of 20 cores/,
    ],
    ['a quota of Neutron', wrong.quota, 'openstack_quota', false, /\['floatingip'\]/],
    [
      'a limit of 413',
      nova(413, 'overLimit', 'Injected files limit exceeded'),
      'openstack_quota',
      false,
      /limit exceeded/,
    ],
    ['a conflict', wrong.conflict, 'openstack_conflict', false, /: Somebody else is at it \(/],
    ['a revision passed', wrong.changed, 'openstack_changed', false, /current revision is 2/],
    ['an error of its own', page, 'openstack_failed', true, /: Unexpected API Error\. \(req-/],
    ['a bad gateway', wrong.badGateway, 'openstack_failed', true, /Bad gateway/],
    ['a gateway’s timeout', wrong.gatewayTimeout, 'openstack_failed', true, /timely/],
    [
      '501',
      nova(501, 'notImplemented', 'Not by this driver'),
      'openstack_failed',
      false,
      /Not by this driver/,
    ],
    [
      '503 without a word on when',
      { status: 503 },
      'openstack_failed',
      true,
      /HTTP status 503 without a word/,
    ],
    [
      '503 for longer than anybody waits',
      { status: 503, headers: { 'Retry-After': '3600' } },
      'openstack_failed',
      true,
      /503.*asks to wait 3600 s/,
    ],
    [
      '429 for longer than anybody waits',
      wrong.throttled(120),
      'openstack_throttled',
      true,
      /Too many requests.*asks to wait 120 s/,
    ],
  ];

  it.each(cases)('that meets %s', async (_name, answer, code, retryable, words) => {
    const { client, cloud, count } = await faultSide();
    cloud.fail({ when: to('POST /ports'), times: 9, answer });
    const begun = performance.now();
    const work = client.createPort({ network_id: 'x', name: 'blog', description: '' });
    const fault = await faultOf(work);
    expect(performance.now() - begun).toBeLessThan(15_000);
    expect({ code: fault.code, retryable: fault.retryable }).toEqual({ code, retryable });
    expect(fault.message).toMatch(/^creating port blog in cloud public: /);
    expect(fault.message).toMatch(words);
    expect(fault.message).not.toMatch(/Build in progress|Resize|<|\n/);
    // What may have happened is not made to happen again.
    expect(count('POST /ports')).toBe(1);
  });

  it.each([
    ['429', wrong.throttled()],
    ['429 with a time', wrong.throttled(0)],
    ['503 with a time', { status: 503, headers: { 'Retry-After': '0' } }],
    ['503 with a date', { status: 503, headers: { 'Retry-After': new Date(0).toUTCString() } }],
  ])('is made again after %s, for nothing was done', async (_name, answer) => {
    const { client, cloud, count } = await faultSide();
    cloud.fail({ when: to('POST /security-groups'), times: 2, answer });
    await client.createSecurityGroup('web', '');
    expect(count('POST /security-groups')).toBe(3);
    expect(await client.listSecurityGroups({ name: 'web' })).toHaveLength(1);
  });

  it('waits as long as it is asked to', async () => {
    const { client, cloud } = await faultSide();
    cloud.fail({ when: to('POST /security-groups'), answer: wrong.throttled(1) });
    const begun = performance.now();
    await client.createSecurityGroup('web', '');
    expect(performance.now() - begun).toBeGreaterThan(950);
  });

  it('that happened though nobody said so is told as one that may have', async () => {
    const { client, cloud } = await faultSide();
    cloud.fail({ when: to('POST /security-groups'), effect: true, answer: 'drop' });
    expect(await faultOf(client.createSecurityGroup('web', ''))).toMatchObject({
      code: 'openstack_unreachable',
      retryable: true,
    });
    expect(await client.listSecurityGroups({ name: 'web' })).toHaveLength(1);
  });
});

describe('a read', () => {
  it.each([
    ['429', wrong.throttled()],
    ['500', page],
    ['502', wrong.badGateway],
    ['503', { status: 503 }],
    ['504', wrong.gatewayTimeout],
    ['a cut connection', 'drop'],
    ['half a body', 'half'],
  ] as [string, Wrong][])('is made again after %s', async (_name, answer) => {
    const { client, cloud, count } = await faultSide();
    cloud.fail({ when: to('GET /networks'), times: 2, answer });
    expect(await client.listNetworks({ name: 'hosts' })).toHaveLength(1);
    expect(count('GET /networks')).toBe(3);
  });

  it('is made three times and not more, and ends with what it met last', async () => {
    const { client, cloud, count } = await faultSide();
    cloud.fail({ when: to('GET /networks'), times: 9, answer: wrong.badGateway });
    expect(await faultOf(client.listNetworks({}))).toMatchObject({
      code: 'openstack_failed',
      retryable: true,
    });
    expect(count('GET /networks')).toBe(3);
  });

  it.each([
    ['403', nova(403, 'forbidden', 'no')],
    ['501', nova(501, 'notImplemented', 'no')],
    ['no answer in time', 'hang'],
    ['garbage', 'garbage'],
  ] as [string, Wrong][])('is not made again after %s', async (_name, answer) => {
    const { client, cloud, count } = await faultSide();
    cloud.fail({ when: to('GET /networks'), times: 9, answer });
    await faultOf(client.listNetworks({}));
    expect(count('GET /networks')).toBe(1);
  });

  it('of a console is made again, too, though it is a POST', async () => {
    const { client, cloud, count } = await faultSide();
    cloud.fail({ when: to('POST /servers/x/action'), times: 9, answer: wrong.badGateway });
    expect(await faultOf(client.getConsole('x', 10))).toMatchObject({ code: 'openstack_failed' });
    expect(count('POST /servers/x/action')).toBe(3);
  });

  it('takes no proxy’s page for word that something is gone', async () => {
    const { client, cloud } = await faultSide();
    for (const answer of ['html', { status: 404 }] as Wrong[]) {
      cloud.fail({ times: 3, when: ({ path }) => path.startsWith('/ports/'), answer });
      expect(await faultOf(client.getPort('x'))).toMatchObject({ code: 'openstack_garbled' });
      expect(await faultOf(client.deletePort('x'))).toMatchObject({ code: 'openstack_garbled' });
      expect(await faultOf(client.getPort('x'))).toMatchObject({ code: 'openstack_garbled' });
    }
    expect(await client.getPort('x')).toBeUndefined();
  });

  it('sees what was accepted only once it is visible', async () => {
    const { client, cloud } = await faultSide();
    cloud.state.lagMs = 3_600_000;
    const group = await client.createSecurityGroup('web', '');
    expect(await client.listSecurityGroups({ id: group.id })).toEqual([]);
    Object.assign(cloud.state.groups.get(group.id) ?? {}, { visibleAt: 0 });
    expect(await client.listSecurityGroups({ id: group.id })).toHaveLength(1);
  });

  it('knows a list that does not end', async () => {
    const { client, cloud } = await faultSide();
    const network = { id: 'x', name: 'x', subnets: [] };
    const networks_links = [{ rel: 'next', href: 'http://x/?marker=x' }];
    cloud.fail({
      times: 2000,
      when: to('GET /networks'),
      answer: { status: 200, body: { networks: [network], networks_links } },
    });
    const fault = await faultOf(client.listNetworks({}));
    expect(fault).toMatchObject({ code: 'openstack_garbled' });
    expect(fault.message).toMatch(/pages do not come to an end/);
    expect(cloud.calls().length).toBeLessThan(5);
  });
});

describe('updates of a port', () => {
  it('are made anew where somebody else was faster, with what stands there then', async () => {
    const { client, cloud, count } = await faultSide();
    const [network] = await client.listNetworks({ name: 'hosts' });
    const port = await client.createPort({ network_id: network?.id ?? '', name: 'p', description: 'a' });
    let meddled = 0;
    await client.updatePort(port.id, ({ description }) => {
      const kept = cloud.state.ports.get(port.id);
      if (kept !== undefined && meddled < 2) {
        meddled += 1;
        Object.assign(kept, { description: `b${meddled}`, revision_number: kept.revision_number + 1 });
      }
      return { description: `${description}, c` };
    });
    expect((await client.getPort(port.id))?.description).toBe('b2, c');
    expect(count(`PUT /ports/${port.id}`)).toBe(3);
  });

  it('give up after five', async () => {
    const { client, cloud, count } = await faultSide();
    const [network] = await client.listNetworks({ name: 'hosts' });
    const { id } = await client.createPort({ network_id: network?.id ?? '', name: 'p', description: 'a' });
    cloud.fail({ times: 9, when: to(`PUT /ports/${id}`), answer: wrong.changed });
    const fault = await faultOf(client.updatePort(id, () => ({ name: 'q' })));
    expect(fault).toMatchObject({ code: 'openstack_changed', retryable: true });
    expect(count(`PUT /ports/${id}`)).toBe(5);
  });
});

describe('no connection', () => {
  it('says so, of Keystone', async () => {
    const { cloud } = await faultSide();
    const client = clientTo({ ...cloud.access, authUrl: 'http://127.0.0.1:1/v3' });
    const fault = await faultOf(client.listNetworks({}));
    expect(fault).toMatchObject({ code: 'openstack_unreachable', retryable: true });
    expect(fault.message).toBe('listing networks in cloud public: logging in: connection refused');
  });

  it('says so, of a name that leads nowhere', async () => {
    const { cloud } = await faultSide();
    const client = clientTo({ ...cloud.access, authUrl: 'http://cloud.invalid/v3' });
    const fault = await faultOf(client.listNetworks({}));
    expect(fault).toMatchObject({ code: expect.stringMatching(/unreachable|timeout/), retryable: true });
  });

  it('says so, of a service', async () => {
    const base = 'http://127.0.0.1:1';
    const endpoints = [{ interface: 'public', region: 'RegionOne', url: base }];
    const { client } = await faultSide({
      catalogue: () => [{ type: 'network', name: 'neutron', endpoints }],
    });
    const fault = await faultOf(client.listNetworks({}));
    expect(fault.message).toBe('listing networks in cloud public: connection refused');
  });
});

describe('a call that is called off', () => {
  it('ends with the reason, at once', async () => {
    const { client, cloud } = await faultSide();
    await client.listNetworks({});
    cloud.fail({ when: to('GET /networks'), answer: 'hang' });
    const off = new AbortController();
    const work = client.listNetworks({}, off.signal);
    const reason = new Error('the lock is lost');
    const begun = performance.now();
    setTimeout(() => off.abort(reason), 20);
    await expect(work).rejects.toBe(reason);
    expect(performance.now() - begun).toBeLessThan(TIMEOUT_MS - 100);
    await expect(client.listNetworks({}, off.signal)).rejects.toBe(reason);
  });

  it('ends in the pause before the next try', async () => {
    const { client, cloud, count } = await faultSide();
    cloud.fail({ when: to('GET /networks'), answer: wrong.throttled(1) });
    const off = new AbortController();
    const reason = new Error('enough');
    setTimeout(() => off.abort(reason), 100);
    await expect(client.listNetworks({}, off.signal)).rejects.toBe(reason);
    expect(count('GET /networks')).toBe(1);
  });

  it('leaves the login to the others that wait for it', async () => {
    const { client, cloud, count } = await faultSide();
    let answer = (): void => {};
    const held = new Promise<void>((resolve) => {
      answer = resolve;
    });
    cloud.hold(LOGIN, held);
    const off = new AbortController();
    const left = client.listNetworks({}, off.signal);
    const stays = client.listNetworks({ name: 'hosts' });
    setTimeout(() => off.abort(new Error('enough')), 20);
    await expect(left).rejects.toThrow('enough');
    answer();
    expect(await stays).toHaveLength(1);
    expect(count(LOGIN)).toBe(1);
  });
});

describe('secrets', () => {
  it('stay out of every message, even where a service says them', async () => {
    const { client, cloud } = await faultSide();
    await client.listNetworks({});
    const [token = ''] = cloud.state.tokens.keys();
    const words = `you sent ${cloud.credentials.password} and ${token}`;
    for (const answer of [neutron(400, 'x', words), { status: 500, body: { message: words } }]) {
      cloud.fail({ times: 3, when: to('GET /networks'), answer });
      const fault = await faultOf(client.listNetworks({}));
      expect(fault.message).toContain('you sent [redacted] and [redacted]');
      expect(JSON.stringify(fault) + String(fault.stack)).not.toMatch(/planted|gAAAAA/);
    }
    cloud.fail({ times: 3, when: to(LOGIN), answer: { status: 500, body: { error: { message: words } } } });
    cloud.revokeTokens();
    expect((await faultOf(client.listNetworks({}))).message).toContain('you sent [redacted] and');
  });

  it('stay out of the message about a wrong password', async () => {
    const { cloud } = await faultSide();
    const { login } = cloud.access;
    if (login.kind !== 'password') throw new Error('the fake begins with a password');
    const client = clientTo({ ...cloud.access, login: { ...login, password: new Secret('planted-wrong') } });
    const fault = await faultOf(client.listNetworks({}));
    expect(fault).toMatchObject({ code: 'openstack_unauthorized', retryable: false });
    expect(fault.message).not.toMatch(/planted/);
  });
});
