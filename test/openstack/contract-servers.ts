/** What Drawbridge believes of servers: their life, their ports, their console. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OsPort, OsServer, OsServerRequest } from '../../src/openstack/client.ts';
import { faultOf } from '../lxd/fault-of.ts';
import { until } from '../stage/until.ts';
import type { Contract } from './contract.ts';
import { clearAfterEach, uniqueName } from './made.ts';

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGyrZ1+0m1GNlVhkYc4v6jJ8wq2rK1o0m5yqk8mVb7pX';
const PATIENCE_MS = 120_000;

export function serverContract(contract: Contract): void {
  const key = uniqueName();
  let request: OsServerRequest;

  beforeAll(async () => {
    const { client, side } = contract;
    const [image] = await client.listImages({ name: side.image });
    const flavor = (await client.listFlavors()).find(({ name }) => name === side.flavor);
    await client.createKeypair(key, KEY);
    request = {
      name: uniqueName(),
      imageRef: image?.id ?? '',
      flavorRef: flavor?.id ?? '',
      key_name: key,
      networks: [],
      user_data: '#!/bin/sh\necho héllo\n',
      metadata: { door: 'none' },
    };
  });
  afterAll(() => contract.client.deleteKeypair(key));

  const gone = (id: string) =>
    until(
      async () => ((await contract.client.getServer(id)) === undefined ? true : undefined),
      `server ${id} to be gone`,
      PATIENCE_MS,
      500,
    );
  const inState = (id: string, ...states: string[]): Promise<OsServer> =>
    until(
      async () => {
        const server = await contract.client.getServer(id);
        return server !== undefined && states.includes(server.status) ? server : undefined;
      },
      `server ${id} to be ${states.join(' or ')}`,
      PATIENCE_MS,
      500,
    );

  describe('that run', () => {
    clearAfterEach();
    let id: string;
    let port: OsPort;

    beforeAll(async () => {
      const { client, networks } = contract;
      const network_id = networks.network.id;
      port = await client.createPort({ network_id, name: uniqueName(), description: 'of the contract' });
      ({ id } = await client.createServer({ ...request, networks: [{ port: port.id }] }));
      expect((await client.getServer(id))?.status).toMatch(/^(BUILD|ACTIVE)$/);
      await inState(id, 'ACTIVE');
    });
    afterAll(async () => {
      await contract.client.deleteServer(id);
      await gone(id);
      await contract.client.deletePort(port.id);
    });

    it('have the port that they were given, its address, and what they were told', async () => {
      const { client, side } = contract;
      const server = await client.getServer(id);
      expect(server).toMatchObject({
        id,
        name: request.name,
        status: 'ACTIVE',
        'OS-EXT-STS:task_state': null,
        metadata: { door: 'none' },
        key_name: key,
      });
      expect(server?.addresses[side.network]).toMatchObject([
        { addr: port.fixed_ips[0]?.ip_address, version: 4, 'OS-EXT-IPS:type': 'fixed' },
      ]);
      const [seen] = await client.listPorts({ device_id: id });
      expect(seen).toMatchObject({ id: port.id, device_owner: expect.stringMatching(/^compute:/) });
      expect((await client.listServers({ name: request.name })).map((each) => each.id)).toEqual([id]);
    });

    it('count in the limits', async () => {
      const { totalInstancesUsed, totalCoresUsed, totalRAMUsed } = await contract.client.getComputeLimits();
      for (const each of [totalInstancesUsed, totalCoresUsed, totalRAMUsed]) expect(each).toBeGreaterThan(0);
    });

    it('take metadata and keep the rest', async () => {
      const { client } = contract;
      await client.setServerMetadata(id, { host: 'web1' });
      expect((await client.getServer(id))?.metadata).toEqual({ door: 'none', host: 'web1' });
      const fault = await faultOf(client.setServerMetadata(id, { host: 'x'.repeat(256) }));
      expect(fault).toMatchObject({ code: 'openstack_refused', retryable: false });
    });

    it('show the last lines of their console', async () => {
      const { client } = contract;
      const all = await until(
        async () =>
          (await client.getConsole(id, 500)).split('\n').length > 3 ? client.getConsole(id, 500) : undefined,
        'the console to say something',
        PATIENCE_MS,
        500,
      );
      const some = await client.getConsole(id, 2);
      expect(some.trimEnd().split('\n').length).toBeLessThanOrEqual(2);
      expect(some.length).toBeLessThan(all.length);
    });

    it('get a second port plugged in, once, and out again, and the port stays', async () => {
      const { client, made, networks } = contract;
      const second = await made.port(networks.network.id);
      await client.attachPort(id, second.id);
      await client.attachPort(id, second.id);
      expect(await client.getPort(second.id)).toMatchObject({ device_id: id });
      await client.detachPort(id, second.id);
      const free = await until(
        async () => {
          const seen = await client.getPort(second.id);
          return seen?.device_id === '' ? seen : undefined;
        },
        'the port to be free',
        PATIENCE_MS,
        500,
      );
      expect(free.fixed_ips).toEqual(second.fixed_ips);
      await client.detachPort(id, second.id);
    });

    it('do not get a port that another has, nor one that is not there', async () => {
      const { client } = contract;
      const used = await faultOf(client.attachPort(randomUUID(), port.id));
      expect(used).toMatchObject({ code: 'openstack_not_found' });
      const lost = await faultOf(client.attachPort(id, randomUUID()));
      expect(['openstack_refused', 'openstack_not_found']).toContain(lost.code);
      const twice = await faultOf(client.createServer({ ...request, networks: [{ port: port.id }] }));
      expect(twice).toMatchObject({ code: 'openstack_conflict', retryable: false });
      expect(twice.message).toMatch(/is still in use/);
    });
  });

  describe('that go', () => {
    clearAfterEach();

    it('leave the port that they were given, and take the one that Nova made', async () => {
      const { client, made, networks, raw } = contract;
      const given = await made.port(networks.network.id);
      const both = {
        ...request,
        name: uniqueName(),
        networks: [{ port: given.id }, { uuid: networks.network.id }],
      };
      const user_data = Buffer.from(request.user_data).toString('base64');
      const { body } = await raw('compute', 'POST', '/servers', { server: { ...both, user_data } });
      const { id } = (body as { server: { id: string } }).server;
      made.later(() => client.deleteServer(id));
      await inState(id, 'ACTIVE');
      const ports = await client.listPorts({ device_id: id });
      const ofNova = ports.find((each) => each.id !== given.id);
      expect(ports).toHaveLength(2);
      await client.deleteServer(id);
      await gone(id);
      await client.deleteServer(id);
      expect(await client.getPort(given.id)).toMatchObject({ device_id: '' });
      expect(await client.getPort(ofNova?.id ?? '')).toBeUndefined();
    });
  });

  describe('that never come', () => {
    clearAfterEach();

    it('have an image, a flavor or a key that is not there', async () => {
      const { client, made, networks } = contract;
      const port = await made.port(networks.network.id);
      const [imageRef, flavorRef] = [randomUUID(), randomUUID()];
      const wrongs: [Partial<OsServerRequest>, RegExp][] = [
        [{ imageRef }, /image/i],
        [{ flavorRef }, /flavor/i],
        [{ key_name: 'c-nobody' }, /Invalid key_name provided/],
        [{ networks: [{ port: randomUUID() }] }, /Port .* could not be found/],
      ];
      for (const [wrong, words] of wrongs) {
        const fault = await faultOf(
          client.createServer({ ...request, networks: [{ port: port.id }], ...wrong }),
        );
        expect(fault).toMatchObject({ code: 'openstack_refused', retryable: false });
        expect(fault.message).toMatch(words);
      }
    });

    it('are told no network where there are several', async () => {
      const fault = await faultOf(contract.client.createServer(request));
      expect(fault).toMatchObject({ code: 'openstack_conflict', retryable: false });
      expect(fault.message).toMatch(/Multiple possible networks found/);
    });

    it('carry too much user data', async () => {
      const fault = await faultOf(
        contract.client.createServer({ ...request, user_data: 'x'.repeat(65_000) }),
      );
      expect(fault).toMatchObject({ code: 'openstack_refused', retryable: false });
      expect(fault.message).toMatch(/user_data/);
    });

    it('are not known', async () => {
      const { client } = contract;
      const id = randomUUID();
      expect(await client.getServer(id)).toBeUndefined();
      await client.deleteServer(id);
      await client.detachPort(id, randomUUID());
      expect(await faultOf(client.setServerMetadata(id, { a: 'b' }))).toMatchObject({
        code: 'openstack_not_found',
      });
      expect(await client.listServers({ name: 'c-nobody' })).toEqual([]);
    });
  });
}
