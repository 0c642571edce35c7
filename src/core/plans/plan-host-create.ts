/** Plans a host from nothing: a server in a cloud that becomes an LXD host by its user data alone. Pure. */
import { cloudInit } from '../cloud-init.ts';
import { type CloudWorld, costOf, leftOf, type Quota, type SubnetWorld } from '../cloud-world.ts';
import { makeWorkPlan, type WorkPlan } from '../plan.ts';
import { type Refusal, refuse } from '../refusal.ts';
import type { HostCreateCommand } from '../request.ts';
import { floatingIpFor } from '../roads/front.ts';
import { groupNameOf, hostOwner } from '../tags/cloud-tag.ts';
import type { CloudThing, Thing } from '../thing.ts';

/** What was seen for a new host. */
export interface CreateWorld {
  cloud: CloudWorld;
  /** Of Nova; RAM in MiB. */
  quotas: { servers: Quota; cores: Quota; ram: Quota };
  flavor: { id: string; name: string; ram: number; disk: number; vcpus: number };
  image: { id: string; name: string; minRam: number; minDisk: number };
  network: { id: string; name: string };
  subnet: SubnetWorld;
  user: string;
  publicKey: string;
  /** Name of the key pair of ours, after its key. */
  keyPair: string;
  /** CIDRs from which the workers come. */
  sshFrom: readonly string[];
  /** The cloud has config drives, says its configuration. */
  configDrive: boolean;
  /** A server of this name that is there already; `ours` when it is the one of this very host. */
  present?: { id: string; ours: boolean };
}

/** A plan, or why the host would not come to life. */
export function planHostCreate(command: HostCreateCommand, world: CreateWorld): WorkPlan | Refusal {
  const { cloud, quotas, flavor } = world;
  const refusal = cannotBoot(command, world) ?? cannotReach(world) ?? doesNotFit(world);
  if (refusal !== undefined) return refusal;
  const owner = hostOwner(command.name);
  const place = { cloud, routed: world.subnet.routed, name: command.name };
  const address = floatingIpFor({ owner, about: `host ${command.name}`, port: { owner } }, place);
  if ('fits' in address)
    return refuse('quota', `${command.name} cannot get a public address: ${address.why}.`);
  const rules = world.sshFrom.length;
  return makeWorkPlan({
    action: 'host create',
    subject: `host ${command.name}`,
    summary: `makes the server ${command.name} in ${cloud.cloud} (${flavor.name}: ${flavor.vcpus} cores, ${flavor.ram} MiB) an LXD host`,
    risk: 'it makes a server, which costs something, and opens SSH to it',
    steps: thingsOf(command, world, address.things).map((thing) => ({ do: 'put', thing })),
    closes: [],
    approvals: 1,
    why: reasonsOf(command, world),
    warnings: [],
    cost: [
      ...costOf('servers', quotas.servers, 1),
      ...costOf('cores', quotas.cores, flavor.vcpus),
      ...costOf('RAM in MiB', quotas.ram, flavor.ram),
      ...costOf('ports', cloud.quotas.ports, 1),
      ...address.cost,
      ...costOf('security groups', cloud.quotas.groups, 1),
      ...costOf('security group rules', cloud.quotas.rules, rules + 2),
      ...slotsLeft(world),
    ],
  });
}

function thingsOf(command: HostCreateCommand, world: CreateWorld, address: readonly CloudThing[]): Thing[] {
  const { name, key, zone } = command;
  const { cloud, image, flavor, network, publicKey, user } = world;
  const owner = hostOwner(name);
  const own = { cloud: cloud.cloud, owner, about: `host ${name}` };
  const group = groupNameOf(name);
  const userData = cloudInit({ name, user, publicKey, withDefaultUser: key !== undefined });
  const keyPair: CloudThing[] =
    key === undefined ? [{ ...own, kind: 'key_pair', name: world.keyPair, publicKey }] : [];
  return [
    ...keyPair,
    { ...own, kind: 'group', name: group },
    { ...own, kind: 'port', network: network.id, use: 'host', groups: [group] },
    {
      ...own,
      kind: 'server',
      name,
      image: { id: image.id, name: image.name },
      flavor: { id: flavor.id, name: flavor.name },
      keyPair: key ?? world.keyPair,
      userData,
      configDrive: needsDrive(world),
      ...(zone !== undefined && { zone }),
    },
    ...address,
    { ...own, kind: 'rule', group, protocol: 'tcp', port: 22, sources: [...world.sshFrom] },
    { kind: 'known_host', host: name, cloud: cloud.cloud, user },
  ];
}

/** Without DHCP or without a way to the metadata service only a config drive can tell the server anything. */
function needsDrive({ subnet }: CreateWorld): boolean {
  return !subnet.dhcp || subnet.gateway === undefined;
}

function cannotBoot({ name }: HostCreateCommand, world: CreateWorld): Refusal | undefined {
  const { cloud, subnet, network, configDrive, present, image, flavor } = world;
  if (present !== undefined && !present.ours)
    return refuse(
      'exists',
      `${cloud.cloud} has a server ${name} already, which Drawbridge did not make.`,
      'Take another name, or `host adopt` it.',
    );
  if (needsDrive(world) && !configDrive) {
    const lack = subnet.dhcp
      ? 'has no gateway, so a server there finds no metadata service'
      : 'has no DHCP, so a server there gets no address and finds no metadata service';
    return refuse(
      'cloud_unfit',
      `${network.name} ${lack}: cloud-init would starve, and the host never come to life.`,
      `Name a network with DHCP (\`network …\`), or, where ${cloud.cloud} offers config drives, set \`config_drive: true\` in its configuration.`,
    );
  }
  if (flavor.ram < image.minRam || (flavor.disk > 0 && flavor.disk < image.minDisk))
    return refuse(
      'cloud_unfit',
      `${image.name} needs ${image.minRam} MiB and ${image.minDisk} GiB; ${flavor.name} has ${flavor.ram} MiB and ${flavor.disk} GiB.`,
      'Name a larger flavor.',
    );
  return undefined;
}

function cannotReach({ cloud, subnet, network, sshFrom }: CreateWorld): Refusal | undefined {
  if (!cloud.can.tags)
    return refuse(
      'cloud_unfit',
      `${cloud.cloud} has no tags (extension standard-attr-tag), by which Drawbridge knows its own.`,
    );
  if (!subnet.routed)
    return refuse(
      'cloud_unfit',
      `No router leads from ${network.name} to a network of floating IPs, so nobody outside could reach the host.`,
      'Name another network, or give it a router with a gateway.',
    );
  if (sshFrom.length === 0)
    return refuse(
      'cloud_unfit',
      'It is not known from where the workers would reach the host.',
      `Set \`ssh_from\` of ${cloud.cloud} in the configuration.`,
    );
  return undefined;
}

function doesNotFit({ cloud, quotas, flavor, present, sshFrom }: CreateWorld): Refusal | undefined {
  if (present?.ours === true) return undefined;
  // A new group comes with two rules that let everything out.
  const needs: [string, Quota, number][] = [
    ['servers', quotas.servers, 1],
    ['cores', quotas.cores, flavor.vcpus],
    ['MiB of RAM', quotas.ram, flavor.ram],
    ['ports', cloud.quotas.ports, 1],
    ['security groups', cloud.quotas.groups, 1],
    ['security group rules', cloud.quotas.rules, sshFrom.length + 2],
  ];
  const lacking = needs.filter(([, quota, more]) => leftOf(quota) < more);
  if (lacking.length === 0) return undefined;
  const lines = lacking.map(
    ([what, { limit, used }, more]) => `${what}: it takes ${more}, and ${used} of ${limit} are used`,
  );
  return refuse(
    'quota',
    `It does not fit into the quota of ${cloud.cloud}. ${lines.join('; ')}.`,
    'Free something, take a smaller flavor, or have the quota raised.',
  );
}

function reasonsOf({ name, key }: HostCreateCommand, world: CreateWorld): string[] {
  const { image, network, subnet, sshFrom, user } = world;
  const addresses = needsDrive(world)
    ? 'its address and user data from a config drive'
    : 'its address by DHCP, its user data from the metadata service';
  return [
    `${name} boots ${image.name} on ${network.name} (${subnet.cidr}), with ${addresses}`,
    `SSH is open to ${sshFrom.join(', ')}; ${user} can open LXD’s socket there and nothing else`,
    key === undefined ? 'nobody else can log in' : `the key pair ${key} logs in as the image’s own user`,
  ];
}

/** How many more of these the quota has room for. */
function slotsLeft({ quotas, flavor }: CreateWorld): string[] {
  const more = Math.min(
    leftOf(quotas.servers) - 1,
    Math.floor((leftOf(quotas.cores) - flavor.vcpus) / Math.max(1, flavor.vcpus)),
    Math.floor((leftOf(quotas.ram) - flavor.ram) / Math.max(1, flavor.ram)),
  );
  return Number.isFinite(more)
    ? [`after it there is room for ${Math.max(0, more)} more hosts of this size`]
    : [];
}
