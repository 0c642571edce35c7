/** Looks at one cloud for the doctor: whether it lets us in, what it can, what is left of the quotas. */
import { cloudFindings } from '../../src/core/findings/cloud-findings.ts';
import type { Finding } from '../../src/core/findings/finding.ts';
import { messageOf } from '../../src/errors.ts';
import type { OsNetworkQuotas } from '../../src/openstack/client.ts';
import type { Cloud } from '../tools.ts';

export async function examineCloud({ name, client }: Cloud, signal: AbortSignal): Promise<Finding[]> {
  const begun = performance.now();
  try {
    await client.check(signal);
    const tookMs = performance.now() - begun;
    const [limits, network, extensions] = await Promise.all([
      client.getComputeLimits(signal),
      client.getNetworkQuotas(signal),
      client.listExtensions(signal),
    ]);
    const quotas = {
      servers: { used: limits.totalInstancesUsed, limit: limits.maxTotalInstances },
      cores: { used: limits.totalCoresUsed, limit: limits.maxTotalCores },
      'MiB of RAM': { used: limits.totalRAMUsed, limit: limits.maxTotalRAMSize },
      ...networkQuotas(network),
    };
    return cloudFindings({ cloud: name, seen: { tookMs, extensions, quotas } });
  } catch (error) {
    const why = signal.aborted ? 'no answer in time' : messageOf(error);
    return cloudFindings({ cloud: name, seen: { error: why } });
  }
}

/** Those that doors and hosts need. What is reserved is as good as used. */
function networkQuotas(quotas: OsNetworkQuotas): Record<string, { used: number; limit: number }> {
  const names = {
    floatingip: 'floating IPs',
    port: 'ports',
    security_group: 'security groups',
    security_group_rule: 'security group rules',
  };
  const known = Object.entries(names).flatMap(([field, words]) => {
    const quota = quotas[field];
    return quota === undefined
      ? []
      : [[words, { used: quota.used + quota.reserved, limit: quota.limit }] as const];
  });
  return Object.fromEntries(known);
}
