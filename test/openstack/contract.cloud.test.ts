/** The contract, held against a real cloud; and each way to log in to it, as clouds.yaml has them. */
import { describe, expect, it } from 'vitest';
import { cloudSettings } from '../../src/cloud-settings.ts';
import { type CloudAccess, createCloudClient } from '../../src/openstack/client.ts';
import { describeCloud } from '../lab/openstack/describe-cloud.ts';
import { describeContract } from './contract.ts';
import { uniqueName } from './made.ts';

describeCloud('the contract with a cloud', (cloud) => {
  const { externalNetwork: external, network, islandNetwork: island, tinyImage, tinyFlavor } = cloud;
  const side = { external, network, island, image: tinyImage, flavor: tinyFlavor };

  const accessTo = (entry: string): CloudAccess => {
    const problems: string[] = [];
    const env = { OS_CLIENT_CONFIG_FILE: cloud.cloudsFile };
    const { contract } = cloudSettings({ contract: { os_cloud: entry } }, env, problems);
    if (contract === undefined) throw new Error(problems.join('\n'));
    return contract;
  };

  describeContract('of a real one', async () => ({
    side: { ...side, access: accessTo(cloud.cloud) },
    end: async () => {},
  }));

  describe('logins', () => {
    it.each([cloud.cloud, cloud.appCredentialCloud])('may look and change as %s', async (entry) => {
      const client = createCloudClient({ name: entry, access: accessTo(entry) });
      const group = await client.createSecurityGroup(uniqueName(), 'of the contract');
      expect(await client.listSecurityGroups({ id: group.id })).toHaveLength(1);
      await client.deleteSecurityGroup(group.id);
      expect((await client.getComputeLimits()).maxTotalInstances).toBeGreaterThan(0);
      expect(await client.listImages({ name: cloud.image })).toHaveLength(1);
    });

    it.each(['internal', 'admin'] as const)('may go by the %s addresses', async (kind) => {
      const access = { ...accessTo(cloud.cloud), interface: kind };
      const client = createCloudClient({ name: kind, access });
      expect(await client.listNetworks({ name: network })).toHaveLength(1);
    });
  });
});
