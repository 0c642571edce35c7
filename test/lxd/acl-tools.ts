/** An ACL for one contract, the way onto the bridge and off it, and the clearing up. */
import type { LxdAcl, LxdAclRule } from '../../src/lxd/client.ts';
import type { Contract } from './contract.ts';

export const NAME = 'c-contract';

export function aclTools(contract: Contract) {
  const acl = (...ingress: LxdAclRule[]): LxdAcl => ({
    name: NAME,
    description: 'of the contract',
    config: { 'user.contract': '1' },
    ingress,
    egress: [],
  });
  /** Keeps the stranger away from the instance's page. */
  const rule = (destination: string, more: Partial<LxdAclRule> = {}): LxdAclRule => ({
    action: 'drop',
    state: 'enabled',
    description: 'contract',
    source: `${contract.side.stranger}-${contract.side.stranger},192.0.2.0/24`,
    destination,
    protocol: 'tcp',
    destination_port: '80',
    ...more,
  });
  const attach = (acls: string | undefined): Promise<void> =>
    contract.client.updateNetwork(contract.side.network, ({ config }) => {
      const kept = Object.entries(config).filter(([key]) => !key.startsWith('security.acls'));
      if (acls === undefined && kept.length === Object.keys(config).length) return undefined;
      const attached = {
        'security.acls': acls ?? '',
        'security.acls.default.ingress.action': 'allow',
        'security.acls.default.egress.action': 'allow',
      };
      return { config: { ...Object.fromEntries(kept), ...(acls !== undefined && attached) } };
    });

  const clear = async (): Promise<void> => {
    const { client, side } = contract;
    await client.updateInstance(side.web, ({ devices }) =>
      Object.keys(devices).length === 0 ? undefined : { devices: {} },
    );
    if ((await client.getForward(side.network, side.kernelAddress)) !== undefined)
      await client.deleteForward(side.network, side.kernelAddress);
    await attach(undefined);
    if ((await client.getAcl(NAME)) !== undefined) await client.deleteAcl(NAME);
  };
  return { acl, rule, attach, clear };
}
