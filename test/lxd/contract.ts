/**
 * What Drawbridge believes of LXD, held against whatever answers: the real one over each transport, and the sandbox. A test that
 * only one of them passes means that the sandbox is wrong.
 */
import { afterAll, beforeAll, describe } from 'vitest';
import type { LxdClient } from '../../src/lxd/client.ts';
import { aclContract } from './contract-acls.ts';
import { eventContract } from './contract-events.ts';
import { execContract } from './contract-exec.ts';
import { filterContract } from './contract-filters.ts';
import { forwardContract } from './contract-forwards.ts';
import { instanceContract } from './contract-instances.ts';
import { lifeContract } from './contract-life.ts';
import { networkContract } from './contract-networks.ts';
import { pinContract } from './contract-pins.ts';
import { proxyContract } from './contract-proxies.ts';

/** One host to hold the contract against, with nothing of ours on it. */
export interface ContractSide {
  /** A fresh client. */
  connect(): LxdClient;
  /** The managed bridge; no ACL hangs on it. */
  network: string;
  /** Runs; a page titled with its name on every address, port 80. */
  web: string;
  /** Runs; the same, and answers datagrams on port 7 with themselves. */
  other: string;
  /** Runs; something listens on its own 127.0.0.1 only. */
  inner: { name: string; port: number };
  stopped: string;
  /** Alias of an image whose instances serve a page titled with their name, port 80. */
  image: string;
  /** A profile that gives a root disk in the pool `default` and a card on `network`. */
  profile: string;
  /** Where forwards and nat proxies listen. */
  kernelAddress: string;
  /** Where copying proxies listen: an address of the host. */
  hostAddress: string;
  /** The first of 20 public ports that nobody uses. */
  firstPort: number;
  /** Another address from which this test can come, and which is not the host's. */
  stranger: string;
}

/** The side, once its suite runs. */
export interface Contract {
  side: ContractSide;
  client: LxdClient;
  /** The current IPv4 address of an instance. */
  addressOf(instance: string): Promise<string>;
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
      const client = prepared.side.connect();
      Object.assign(contract, { side: prepared.side, client, addressOf: addressReader(client) });
    });
    afterAll(async () => {
      await contract.client?.close();
      await end?.();
    });

    describe('instances', () => instanceContract(contract));
    describe('life', () => lifeContract(contract));
    describe('exec', () => execContract(contract));
    describe('networks', () => networkContract(contract));
    describe('forwards', () => forwardContract(contract));
    describe('proxies', () => proxyContract(contract));
    describe('pins', () => pinContract(contract));
    describe('ACLs', () => aclContract(contract));
    describe('filters', () => filterContract(contract));
    describe('events', () => eventContract(contract));
  });
}

function addressReader(client: LxdClient): Contract['addressOf'] {
  return async (instance) => {
    const { network } = await client.getInstanceState(instance);
    const found = network?.eth0?.addresses.find(
      ({ family, scope }) => family === 'inet' && scope === 'global',
    );
    if (found === undefined) throw new Error(`${instance} has no address`);
    return found.address;
  };
}
