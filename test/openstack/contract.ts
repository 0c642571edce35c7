/**
 * What Drawbridge believes of a cloud, held against whatever answers: a real one and the fake. A test that only one of them passes
 * means that the fake is wrong.
 */
import { afterAll, beforeAll, describe } from 'vitest';
import { type CloudClient, createCloudClient, type OsNetwork } from '../../src/openstack/client.ts';
import { addressPairContract } from './contract-address-pairs.ts';
import { floatingIpContract } from './contract-floating-ips.ts';
import { portForwardingContract } from './contract-port-forwardings.ts';
import { portContract } from './contract-ports.ts';
import { securityGroupContract } from './contract-security-groups.ts';
import { serverContract } from './contract-servers.ts';
import { stockContract } from './contract-stock.ts';
import { tagContract } from './contract-tags.ts';
import { type Made, madeBy } from './made.ts';
import { type Raw, rawCalls } from './raw.ts';

/** One cloud to hold the contract against, by names. */
export interface ContractSide {
  access: Parameters<typeof createCloudClient>[0]['access'];
  external: string;
  /** With DHCP and a router to the external network. */
  network: string;
  /** With DHCP, and no router. */
  island: string;
  image: string;
  flavor: string;
}

/** The side, once its suite runs. */
export interface Contract {
  side: ContractSide;
  client: CloudClient;
  /** Calls that no verb makes. */
  raw: Raw;
  /** Makes things and takes them away after each test. */
  made: Made;
  networks: { external: OsNetwork; network: OsNetwork; island: OsNetwork };
}

/** @param prepare brings the side up before its tests; what it returns is taken down after them */
export function describeContract(
  name: string,
  prepare: () => Promise<{ side: ContractSide; end: () => Promise<void> }>,
): void {
  describe(name, () => {
    const contract = {} as Contract;
    let end: (() => Promise<void>) | undefined;

    beforeAll(async () => {
      const prepared = await prepare();
      end = prepared.end;
      const { side } = prepared;
      const client = createCloudClient({ name: 'contract', access: side.access });
      const [external, network, island] = await Promise.all(
        [side.external, side.network, side.island].map((each) => networkNamed(client, each)),
      );
      const networks = { external, network, island } as Contract['networks'];
      Object.assign(contract, { side, client, raw: rawCalls(side.access), made: madeBy(client), networks });
    });
    afterAll(async () => {
      await end?.();
    });

    describe('stock', () => stockContract(contract));
    describe('security groups', () => securityGroupContract(contract));
    describe('ports', () => portContract(contract));
    describe('address pairs', () => addressPairContract(contract));
    describe('floating IPs', () => floatingIpContract(contract));
    describe('port forwardings', () => portForwardingContract(contract));
    describe('tags', () => tagContract(contract));
    describe('servers', () => serverContract(contract));
  });
}

async function networkNamed(client: CloudClient, name: string): Promise<OsNetwork> {
  const [found] = await client.listNetworks({ name });
  if (found === undefined) throw new Error(`there is no network ${name}`);
  return found;
}
