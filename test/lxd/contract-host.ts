/** A corner of a lab host for the contract: a bridge, a profile and instances of its own, so that nobody else is disturbed. */
import { instanceAddress, type LabHost, lxc, runInNamespace } from '../lab/lab.ts';
import { runCommand } from '../lab/run-command.ts';
import type { ContractSide } from './contract.ts';

const NAMES = { network: 'c-net', profile: 'c-contract' };

/** Everything that a side needs but the way to LXD. */
export type Corner = Omit<ContractSide, 'connect'>;

export interface CornerOptions {
  /** First three octets of the bridge, unlike those of all others. */
  prefix: string;
  /** An address of nobody, which the outside then sends to the host: forwards need not be the host's own addresses. */
  kernelAddress: string;
  firstPort: number;
  stranger: string;
}

/** Makes it, over what an earlier run may have left. */
export async function makeCorner(host: LabHost, options: CornerOptions): Promise<Corner> {
  await removeCorner(host, options);
  const { network, profile } = NAMES;
  const addresses = [`ipv4.address=${options.prefix}.1/24`, 'ipv4.nat=true', 'ipv6.address=none'];
  await lxc(host, 'network', 'create', network, ...addresses);
  await lxc(host, 'profile', 'create', profile);
  await lxc(host, 'profile', 'device', 'add', profile, 'eth0', 'nic', 'name=eth0', `network=${network}`);
  await lxc(host, 'profile', 'device', 'add', profile, 'root', 'disk', 'path=/', 'pool=default');
  const launch = (name: string, ...more: string[]) =>
    lxc(host, 'launch', 'lab', name, '-p', profile, ...more);
  await Promise.all([
    launch('c-web', '-c', 'environment.LAB_HTTP=80'),
    launch('c-other', '-c', 'environment.LAB_HTTP=80', '-c', 'environment.LAB_UDP_ECHO=7'),
    launch('c-inner', '-c', 'environment.LAB_HTTP=127.0.0.1:80'),
    lxc(host, 'init', 'lab', 'c-stopped', '-p', profile),
  ]);
  for (const name of ['c-web', 'c-other', 'c-inner']) await instanceAddress(host, name);
  await runCommand(['ip', 'route', 'replace', `${options.kernelAddress}/32`, 'via', host.address]);
  return {
    network,
    web: 'c-web',
    other: 'c-other',
    inner: { name: 'c-inner', port: 80 },
    stopped: 'c-stopped',
    image: 'lab',
    profile,
    hostAddress: host.address,
    ...options,
  };
}

/** Takes away whatever there is of it. */
export async function removeCorner(host: LabHost, { kernelAddress }: CornerOptions): Promise<void> {
  const { network, profile } = NAMES;
  const quietly = (...argv: string[]) => lxc(host, ...argv).catch(() => {});
  await Promise.all(
    ['c-web', 'c-other', 'c-inner', 'c-stopped', 'c-fresh'].map((name) => quietly('delete', '--force', name)),
  );
  await quietly('profile', 'delete', profile);
  await quietly('network', 'delete', network);
  await quietly('network', 'acl', 'delete', 'c-contract');
  await runCommand(['ip', 'route', 'del', `${kernelAddress}/32`]).catch(() => {});
  // What conntrack remembers of this address would outlive its rules.
  await runInNamespace(host.namespace, ['conntrack', '-D', '-d', kernelAddress]).catch(() => {});
}
