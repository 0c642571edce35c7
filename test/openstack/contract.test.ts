/** The contract, held against the fake cloud. */
import { describeContract } from './contract.ts';
import { startFakeCloud } from './fake-cloud/fake-cloud.ts';
import { EXTERNAL, HOSTS, LONELY } from './fake-cloud/furnish.ts';

describeContract('the contract with a cloud: the fake', async () => {
  const cloud = await startFakeCloud();
  cloud.state.buildMs = 300;
  cloud.state.console = Array.from({ length: 40 }, (_, line) => `[    0.${line}] booting`).join('\n');
  return {
    side: {
      access: cloud.access,
      external: EXTERNAL.network,
      network: HOSTS.network,
      island: LONELY.network,
      image: 'tiny',
      flavor: 'm1.tiny',
    },
    end: cloud.stop,
  };
});
