/** What LXD tells of changes as they happen. */
import { expect, it } from 'vitest';
import type { LxdEvent } from '../../src/lxd/client.ts';
import { until } from '../stage/until.ts';
import type { Contract } from './contract.ts';

export function eventContract(contract: Contract): void {
  /** Listens while `work` runs. */
  async function heardWhile(work: (heard: LxdEvent[]) => Promise<void>): Promise<void> {
    const { client } = contract;
    const end = new AbortController();
    const heard: LxdEvent[] = [];
    let isOpen = false;
    const stream = client.followEvents(
      (event) => heard.push(event),
      () => {
        isOpen = true;
      },
      end.signal,
    );
    try {
      await until(async () => isOpen || undefined, 'the stream of events to open');
      await work(heard);
    } finally {
      end.abort();
      await stream;
    }
  }
  const hears = (heard: LxdEvent[], action: string, source: string) =>
    until(
      async () => heard.find((event) => event.action === action && event.source.includes(source)),
      `${action} of ${source}, heard ${JSON.stringify(heard)}`,
    );

  it('tells of forwards that are made, changed and removed', async () => {
    const { client, side } = contract;
    const { network, kernelAddress, firstPort, web } = side;
    const target_address = await contract.addressOf(web);
    const port = {
      description: '',
      protocol: 'tcp',
      listen_port: String(firstPort + 19),
      target_address,
      target_port: '80',
    };
    const forward = { listen_address: kernelAddress, description: '', config: {}, ports: [port] };
    await heardWhile(async (heard) => {
      await client.createForward(network, forward);
      await hears(heard, 'network-forward-created', `${network}/forwards/${kernelAddress}`);
      await client.putForward(network, kernelAddress, { ...forward, ports: [] });
      await hears(heard, 'network-forward-updated', kernelAddress);
      await client.deleteForward(network, kernelAddress);
      await hears(heard, 'network-forward-deleted', kernelAddress);
    });
  });

  it('tells of instances that are changed, started and stopped', async () => {
    const { client, side } = contract;
    await heardWhile(async (heard) => {
      await client.updateInstance(side.stopped, ({ config }) => ({
        config: { ...config, 'user.contract': 'e' },
      }));
      await hears(heard, 'instance-updated', side.stopped);
      await client.startInstance(side.stopped);
      await hears(heard, 'instance-started', side.stopped);
      await client.stopInstance(side.stopped);
      const stopped = async () => heard.find(({ action }) => /^instance-(stopped|shutdown)$/.test(action));
      expect((await until(stopped, 'the stop'))?.source).toContain(side.stopped);
    });
  });

  it('ends without a word when nobody listens any more, and with a fault when the client closes', async () => {
    const client = contract.side.connect();
    let isOpen = false;
    const never = new AbortController();
    const stream = client.followEvents(
      () => {},
      () => {
        isOpen = true;
      },
      never.signal,
    );
    const ended = expect(stream).rejects.toMatchObject({ code: 'lxd_unreachable', retryable: true });
    await until(async () => isOpen || undefined, 'the stream of events to open');
    await client.close();
    await ended;
  });
}
