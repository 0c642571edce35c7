/** Logins: how many there are, how long one lasts, by what, and where the services are then. Real sockets. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CloudAccess } from '../../src/openstack/client.ts';
import { Secret } from '../../src/secret.ts';
import { faultOf } from '../lxd/fault-of.ts';
import { wrong } from './fake-cloud/faults.ts';
import { clientTo, faultSide, LOGIN, to } from './fault-client.ts';

describe('one login', () => {
  it('does for fifty calls at once, of every service', async () => {
    const { cloud, count } = await faultSide();
    // Fifty answers at once take a busy machine longer than what the other tests wait for one.
    const client = clientTo(cloud.access, 20_000);
    const calls = Array.from({ length: 50 }, (_, index) => {
      if (index % 3 === 0) return client.listPorts({});
      return index % 3 === 1 ? client.listImages({}) : client.listServers({});
    });
    await Promise.all(calls);
    expect(count(LOGIN)).toBe(1);
    await client.listNetworks({});
    expect(count(LOGIN)).toBe(1);
  });

  it('is made anew, once, when the token is worth nothing any more', async () => {
    const { client, cloud, count } = await faultSide();
    await client.listNetworks({});
    cloud.revokeTokens();
    await Promise.all(Array.from({ length: 20 }, () => client.listPorts({})));
    expect(count(LOGIN)).toBe(2);
  });

  it('is made anew for a change, too: who is not let in has done nothing', async () => {
    const { client, cloud, count } = await faultSide();
    await client.listNetworks({});
    cloud.revokeTokens();
    await client.createSecurityGroup('web', '');
    expect(count('POST /security-groups')).toBe(2);
    expect(await client.listSecurityGroups({ name: 'web' })).toHaveLength(1);
  });

  it('is not made again and again where a service takes no token', async () => {
    const { client, cloud, count } = await faultSide();
    cloud.fail({
      times: 9,
      when: to('GET /networks'),
      answer: { status: 401, body: { error: { message: 'Who are you?' } } },
    });
    const fault = await faultOf(client.listNetworks({}));
    expect(fault).toMatchObject({ code: 'openstack_unauthorized', retryable: false });
    expect(fault.message).toMatch(/Who are you\?/);
    expect(count(LOGIN)).toBe(2);
  });

  it('is made in time, before the token ends', async () => {
    const { client, cloud, count } = await faultSide();
    cloud.state.tokenMs = 400;
    await client.listNetworks({});
    await new Promise((resolve) => setTimeout(resolve, 100));
    await client.listNetworks({});
    expect(count(LOGIN)).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 250));
    await client.listNetworks({});
    expect(count(LOGIN)).toBe(2);
    // Not by being refused.
    expect(count('GET /networks')).toBe(3);
  });

  it('is tried again when Keystone is slow to rise, and after it failed', async () => {
    const { client, cloud, count } = await faultSide();
    cloud.fail({ times: 2, when: to(LOGIN), answer: wrong.badGateway });
    await client.listNetworks({});
    expect(count(LOGIN)).toBe(3);
    cloud.revokeTokens();
    cloud.fail({ times: 3, when: to(LOGIN), answer: wrong.badGateway });
    const fault = await faultOf(client.listNetworks({}));
    expect(fault).toMatchObject({ code: 'openstack_failed', retryable: true });
    expect(fault.message).toMatch(/^listing networks in cloud public: logging in: Bad gateway/);
    await client.listNetworks({});
  });

  it.each([
    ['hang', 'openstack_timeout'],
    ['drop', 'openstack_unreachable'],
    ['empty', 'openstack_garbled'],
    ['garbage', 'openstack_garbled'],
    ['html', 'openstack_garbled'],
  ] as const)('ends where Keystone answers with %s', async (answer, code) => {
    const { client, cloud } = await faultSide();
    cloud.fail({ times: 9, when: to(LOGIN), answer });
    const begun = performance.now();
    const fault = await faultOf(client.listNetworks({}));
    expect(fault).toMatchObject({ code, retryable: true });
    expect(fault.message).toMatch(/^listing networks in cloud public: logging in: /);
    expect(performance.now() - begun).toBeLessThan(10_000);
  });

  it('is made by a check whether or not there is one', async () => {
    const { client, cloud, count } = await faultSide();
    await client.listNetworks({});
    expect(await client.check()).toEqual({ compute: expect.any(Number), network: expect.any(Number) });
    expect(count(LOGIN)).toBe(2);
    const lost = clientTo({ ...cloud.access, authUrl: 'http://127.0.0.1:1' });
    expect((await faultOf(lost.check())).message).toBe(
      'checking the services in cloud public: logging in: connection refused',
    );
  });
});

describe('a login', () => {
  it.each([
    ['a user by id, a project by id', { user: 'id', project: 'id' }],
    ['a user by name, a project by name, in domains by id', { user: 'name', project: 'name' }],
  ] as const)('by password, with %s', async (_name, { user, project }) => {
    const { client, cloud } = await faultSide({}, (own) => own);
    const { credentials, state } = cloud;
    const domain = { id: credentials.domain.id };
    const login = {
      kind: 'password',
      user: user === 'id' ? { id: credentials.userId } : { name: credentials.user, domain },
      password: new Secret(credentials.password),
      project: project === 'id' ? { id: state.projectId } : { name: credentials.project, domain },
    } as const;
    await client.listNetworks({});
    expect(await clientTo({ ...cloud.access, login }).listNetworks({ name: 'hosts' })).toHaveLength(1);
  });

  it('by application credential, by its id and by its name', async () => {
    const { cloud } = await faultSide();
    const { applicationCredential, user, domain } = cloud.credentials;
    const { id, name } = applicationCredential;
    const secret = new Secret(applicationCredential.secret);
    const owner = { name: user, domain: { id: domain.id } };
    for (const credential of [{ id }, { name, user: owner }]) {
      const login = { kind: 'application_credential', credential, secret } as const;
      expect(await clientTo({ ...cloud.access, login }).listNetworks({ name: 'hosts' })).toHaveLength(1);
    }
    const wrongLogin = {
      kind: 'application_credential',
      credential: { id },
      secret: new Secret('x'),
    } as const;
    expect(await faultOf(clientTo({ ...cloud.access, login: wrongLogin }).listNetworks({}))).toMatchObject({
      code: 'openstack_unauthorized',
    });
  });

  it('sends nothing but what Keystone asks for', async () => {
    const { client, cloud } = await faultSide();
    await client.listNetworks({});
    const sent = cloud.calls()[0]?.body;
    expect(sent).toEqual({
      auth: {
        identity: {
          methods: ['password'],
          password: { user: { name: 'bot', domain: { name: 'Default' }, password: 'planted-password' } },
        },
        scope: { project: { name: 'bot', domain: { name: 'Default' } } },
      },
    });
  });

  it.each(['/identity', '/identity/', '/identity/v3', '/identity/v3/', '/identity/v2.0'])(
    'at %s',
    async (path) => {
      const { client } = await faultSide({}, (own) => ({ ...own, authUrl: new URL(path, own.authUrl).href }));
      expect(await client.listNetworks({ name: 'hosts' })).toHaveLength(1);
    },
  );
});

describe('the catalogue', () => {
  const service = (type: string, name: string, endpoints: object[]) => ({ type, name, endpoints });
  const at = (url: string, more: object = {}) => ({ interface: 'public', region: 'RegionOne', url, ...more });

  it.each(['/network', '/network/', '/network/v2.0', '/network/v2.0/'])(
    'may have Neutron at %s',
    async (path) => {
      const { client } = await faultSide({
        catalogue: (base) => [service('network', 'neutron', [at(`${base}${path}`)])],
      });
      expect(await client.listNetworks({ name: 'hosts' })).toHaveLength(1);
    },
  );

  it.each(['/image', '/image/v2', '/image/v2/'])('may have Glance at %s', async (path) => {
    const { client } = await faultSide({
      catalogue: (base) => [service('image', 'glance', [at(`${base}${path}`)])],
    });
    expect(await client.listImages({ name: 'tiny' })).toHaveLength(1);
  });

  it('may have services of one name, or of none', async () => {
    for (const name of ['', 'openstack']) {
      const { client } = await faultSide({
        catalogue: (base) => [
          service('network', name, [at(`${base}/network`)]),
          service('image', name, [at(`${base}/image`)]),
          service('compute', name, [at(`${base}/compute/v2.1`)]),
        ],
      });
      expect(await client.listNetworks({ name: 'hosts' })).toHaveLength(1);
      expect(await client.listImages({ name: 'tiny' })).toHaveLength(1);
      expect(await client.listServers({})).toEqual([]);
    }
  });

  it('may have no regions, or name them the new way', async () => {
    for (const place of [{ region: null }, { region: undefined, region_id: 'two' }]) {
      const { client } = await faultSide({
        catalogue: (base) => [service('network', 'neutron', [at(`${base}/network`, place)])],
      });
      expect(await client.listNetworks({ name: 'hosts' })).toHaveLength(1);
    }
  });

  const twoRegions = (base: string) => [
    service('network', 'neutron', [
      at('http://127.0.0.1:1', { region: 'one' }),
      at(`${base}/network`, { region: 'Two' }),
    ]),
  ];

  it('of several regions needs one to be named', async () => {
    const named = (region: string) => (own: CloudAccess) => ({ ...own, region });
    const { client } = await faultSide({ catalogue: twoRegions }, named('two'));
    expect(await client.listNetworks({ name: 'hosts' })).toHaveLength(1);
    const nameless = await faultSide({ catalogue: twoRegions });
    const fault = await faultOf(nameless.client.listNetworks({}));
    expect(fault).toMatchObject({ code: 'config_invalid', retryable: false });
    expect(fault.message).toMatch(
      /several regions, `one`, `Two`: name one, `region_name` in clouds\.yaml or OS_REGION_NAME/,
    );
    const elsewhere = await faultSide({ catalogue: twoRegions }, named('moon'));
    expect((await faultOf(elsewhere.client.listNetworks({}))).message).toMatch(
      /no region `moon`; it has `one`, `Two`/,
    );
  });

  it('has an address for each kind of caller', async () => {
    const catalogue = (base: string) => [
      service('network', 'neutron', [
        at('http://127.0.0.1:1'),
        at(`${base}/network`, { interface: 'internal' }),
      ]),
    ];
    const { client } = await faultSide({ catalogue }, (own) => ({ ...own, interface: 'internal' }));
    expect(await client.listNetworks({ name: 'hosts' })).toHaveLength(1);
    const { client: other } = await faultSide({ catalogue }, (own) => ({ ...own, interface: 'admin' }));
    const fault = await faultOf(other.listNetworks({}));
    expect(fault).toMatchObject({ code: 'config_invalid', retryable: false });
    expect(fault.message).toMatch(/no admin address of a network service in the region `RegionOne`/);
  });

  it('is missing where the login is for no project', async () => {
    const { client, cloud } = await faultSide();
    const token = {
      status: 201,
      headers: { 'X-Subject-Token': 'x' },
      body: { token: { issued_at: '2026-01-01T00:00:00Z', expires_at: '2026-01-01T01:00:00Z' } },
    };
    cloud.fail({ when: to(LOGIN), answer: token });
    const fault = await faultOf(client.listNetworks({}));
    expect(fault).toMatchObject({ code: 'config_invalid', retryable: false });
    expect(fault.message).toMatch(/the login is for no project/);
  });
});

describe('paths', () => {
  it('are made of encoded parts', async () => {
    const { client, cloud } = await faultSide();
    await client.getPort('../networks?x#y');
    await client.removeTag('ports', 'a b', 'door/1');
    const paths = cloud.calls().map(({ path }) => path);
    expect(paths.slice(1)).toEqual(['/ports/..%2Fnetworks%3Fx%23y', '/ports/a%20b/tags/door%2F1']);
  });

  it('carry filters whole', async () => {
    const { client, cloud } = await faultSide();
    await client.listPorts({ name: 'a&b=c', tags: 'door-1,door:2' });
    expect(Object.fromEntries(cloud.calls()[1]?.query ?? [])).toEqual({
      name: 'a&b=c',
      tags: 'door-1,door:2',
    });
  });
});

describe('pages', () => {
  it('are read to the end, of every service', async () => {
    const { client, cloud, count } = await faultSide();
    cloud.state.pageSize = 2;
    const [network] = await client.listNetworks({ name: 'hosts' });
    for (const name of ['a', 'b', 'c', 'd', 'e'])
      await client.createPort({ network_id: network?.id ?? '', name, description: '' });
    const before = count('GET /ports');
    expect((await client.listPorts({})).map(({ name }) => name)).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(count('GET /ports') - before).toBe(3);
    expect(await client.listFlavors()).toHaveLength(3);
    cloud.state.pageSize = 1;
    expect(await client.listImages({})).toHaveLength(2);
  });
});

describe('extensions', () => {
  it('are asked for once', async () => {
    const { client, count } = await faultSide();
    await client.listExtensions();
    expect(await client.listExtensions()).toContain('router');
    expect(count('GET /extensions')).toBe(1);
  });
});

const noOpenssl = (() => {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return false;
  } catch {
    return true;
  }
})();

describe.skipIf(noOpenssl)(`over TLS${noOpenssl ? ' (needs openssl)' : ''}`, () => {
  let folder: string;
  let tls: { key: string; cert: string };

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'drawbridge-cloud-tls-'));
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const options = [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-days',
      '2',
    ];
    const subject = ['-subj', '/CN=cloud', '-addext', 'subjectAltName=IP:127.0.0.1'];
    execFileSync('openssl', [...options, '-keyout', key, '-out', cert, ...subject], { stdio: 'ignore' });
    tls = { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('believes the authority that it is given, for Keystone and for every service', async () => {
    const { client, count } = await faultSide({ tls }, (own) => ({ ...own, ca: tls.cert }));
    expect(await client.listNetworks({ name: 'hosts' })).toHaveLength(1);
    expect(await client.listImages({ name: 'tiny' })).toHaveLength(1);
    await client.createSecurityGroup('web', '');
    expect(count(LOGIN)).toBe(1);
  });

  it('believes no other, sends nothing, and says what to do', async () => {
    const { client, cloud } = await faultSide({ tls });
    const fault = await faultOf(client.listNetworks({}));
    expect(fault).toMatchObject({ code: 'openstack_unreachable', retryable: false });
    expect(fault.message).toMatch(
      /its certificate cannot be trusted \(.*self.signed.*\): name the file of its CA, `cacert`/,
    );
    expect(cloud.calls()).toEqual([]);
  });

  it('does not give one cloud the authority of another', async () => {
    const trusted = await faultSide({ tls }, (own) => ({ ...own, ca: tls.cert }));
    await trusted.client.listNetworks({});
    expect(await faultOf(clientTo(trusted.cloud.access).listNetworks({}))).toMatchObject({
      code: 'openstack_unreachable',
    });
  });
});
