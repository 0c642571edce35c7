/** Servers for the lab's own tests: booted, reached, looked at. By the lab's own client, not by what is being tested. */
import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runCommand } from '../run-command.ts';
import { waitUntil } from '../wait-until.ts';
import type { CloudApi } from './cloud-api.ts';
import { cloudDir } from './cloud-plan.ts';

export interface ServerOptions {
  network: string;
  image: string;
  flavor: string;
  /** Ids of security groups. */
  groups: string[];
  /** Plain text. */
  userData?: string;
  keyName?: string;
  configDrive?: boolean;
}

export interface CloudServer {
  id: string;
  port: string;
  mac: string;
  /** On the tenant network. */
  address: string;
}

interface Port {
  id: string;
  mac_address: string;
  fixed_ips: { ip_address: string }[];
}

/** Boots a server on a port of its own and returns as soon as nova says ACTIVE; the guest starts only then. */
export async function bootServer(
  cloud: CloudApi,
  name: string,
  options: ServerOptions,
): Promise<CloudServer> {
  const port = await makePort(cloud, name, options.network, options.groups);
  const body = {
    name,
    imageRef: await idOf(cloud, 'image', `/images?name=${options.image}`, 'images'),
    flavorRef: options.flavor,
    networks: [{ port: port.id }],
    config_drive: options.configDrive ?? false,
    ...(options.keyName === undefined ? {} : { key_name: options.keyName }),
    ...(options.userData === undefined
      ? {}
      : { user_data: Buffer.from(options.userData).toString('base64') }),
  };
  const made = await cloud.call<{ server: { id: string } }>('POST', 'compute', '/servers', { server: body });
  const { id } = made.server;
  await waitUntil(
    `server ${name} to be ACTIVE`,
    async () => {
      const { server } = await cloud.call<{ server: { status: string; fault?: { message: string } } }>(
        'GET',
        'compute',
        `/servers/${id}`,
      );
      if (server.status === 'ERROR') throw new Error(`Server ${name}: ${server.fault?.message}`);
      return server.status === 'ACTIVE' ? true : undefined;
    },
    { seconds: 180, pauseMs: 300 },
  );
  return { id, port: port.id, mac: port.mac_address, address: port.fixed_ips[0]?.ip_address ?? '' };
}

export async function makePort(
  cloud: CloudApi,
  name: string,
  network: string,
  groups: string[],
): Promise<Port> {
  const network_id = await idOf(cloud, 'network', `/networks?name=${network}`, 'networks');
  const body = { port: { name, network_id, security_groups: groups } };
  return (await cloud.call<{ port: Port }>('POST', 'network', '/ports', body)).port;
}

/** A floating IP, on the port when one is named. */
export async function makeFloatingIp(
  cloud: CloudApi,
  external: string,
  port?: string,
): Promise<{ id: string; address: string }> {
  const floating_network_id = await idOf(cloud, 'network', `/networks?name=${external}`, 'networks');
  const body = { floatingip: { floating_network_id, ...(port === undefined ? {} : { port_id: port }) } };
  const made = await cloud.call<{ floatingip: { id: string; floating_ip_address: string } }>(
    'POST',
    'network',
    '/floatingips',
    body,
  );
  return { id: made.floatingip.id, address: made.floatingip.floating_ip_address };
}

export async function makeGroup(cloud: CloudApi, name: string, ...tcpPorts: number[]): Promise<string> {
  const made = await cloud.call<{ security_group: { id: string } }>('POST', 'network', '/security-groups', {
    security_group: { name },
  });
  for (const port of tcpPorts) await makeRule(cloud, made.security_group.id, port);
  return made.security_group.id;
}

/** Lets everybody reach the TCP port; returns the rule's id. */
export async function makeRule(cloud: CloudApi, group: string, port: number): Promise<string> {
  const security_group_rule = {
    security_group_id: group,
    direction: 'ingress',
    ethertype: 'IPv4',
    protocol: 'tcp',
    port_range_min: port,
    port_range_max: port,
    remote_ip_prefix: '0.0.0.0/0',
  };
  const made = await cloud.call<{ security_group_rule: { id: string } }>(
    'POST',
    'network',
    '/security-group-rules',
    { security_group_rule },
  );
  return made.security_group_rule.id;
}

/** A key pair of nova under that name; returns the private key's file. */
export async function makeKeyPair(cloud: CloudApi, name: string): Promise<string> {
  const file = join(cloudDir(), 'keys', `${name}-${randomUUID()}`);
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  await runCommand(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', file]);
  const public_key = readFileSync(`${file}.pub`, 'utf8');
  await cloud.call('POST', 'compute', '/os-keypairs', { keypair: { name, public_key } });
  return file;
}

/** Runs a command in a guest over SSH; whom one talks to is not checked. */
export function inGuest(login: string, keyFile: string, ...command: string[]): Promise<string> {
  const options = [
    'BatchMode=yes',
    'StrictHostKeyChecking=no',
    'UserKnownHostsFile=/dev/null',
    'ConnectTimeout=5',
  ];
  const flags = [...options, 'LogLevel=ERROR'].flatMap((option) => ['-o', option]);
  return runCommand(['ssh', ...flags, '-i', keyFile, login, ...command]);
}

/** What the page says, or undefined when nobody answers within a second. */
export async function pageAt(address: string, port = 80): Promise<string | undefined> {
  try {
    const answer = await fetch(`http://${address}:${port}/`, { signal: AbortSignal.timeout(1000) });
    return await answer.text();
  } catch {
    return undefined;
  }
}

async function idOf(
  cloud: CloudApi,
  service: 'image' | 'network',
  path: string,
  key: string,
): Promise<string> {
  const [found] = await cloud.list(service, path, key);
  if (found === undefined) throw new Error(`There is no ${path} in the cloud`);
  return found.id;
}
