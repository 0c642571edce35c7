/** The contract, held against a real cloud, with each way to log in. */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { CloudAccess } from '../../src/openstack/client.ts';
import { Secret } from '../../src/secret.ts';
import type { CloudLab } from '../lab/openstack/cloud-lab.ts';
import { describeCloud } from '../lab/openstack/describe-cloud.ts';
import { describeContract } from './contract.ts';

interface Entry {
  auth: Record<string, string>;
  region_name: string;
}

describeCloud('the contract with a cloud', (cloud) => {
  const { externalNetwork: external, network, islandNetwork: island, tinyImage, tinyFlavor } = cloud;
  const side = { external, network, island, image: tinyImage, flavor: tinyFlavor };

  describeContract('by password', async () => ({
    side: { ...side, access: accessBy(cloud, cloud.cloud) },
    end: async () => {},
  }));
});

function accessBy({ cloudsFile }: CloudLab, name: string): CloudAccess {
  const { clouds } = parse(readFileSync(cloudsFile, 'utf8')) as { clouds: Record<string, Entry> };
  const { auth = {}, region_name = '' } = clouds[name] ?? {};
  const domain = { name: 'Default' };
  return {
    authUrl: auth.auth_url ?? '',
    login: {
      kind: 'password',
      user: { name: auth.username ?? '', domain },
      password: new Secret(auth.password ?? ''),
      project: { name: auth.project_name ?? '', domain },
    },
    region: region_name,
    interface: 'public',
  };
}
