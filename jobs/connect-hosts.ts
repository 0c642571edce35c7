/** Makes hosts reachable: reads their keys and builds their LXD clients. Nothing connects before it is used. */
import { readFileSync } from 'node:fs';
import type { FileConfig, HostConfig } from '../src/config-file.ts';
import { LXD_SOCKETS } from '../src/core/cloud-init.ts';
import { GUARD_COMMAND } from '../src/core/guard-program.ts';
import type { HostAccess } from '../src/core/thing.ts';
import { Fault, messageOf } from '../src/errors.ts';
import { createLxdClient, type LxdClient } from '../src/lxd/client.ts';
import { createGuard, type Guard } from '../src/lxd/guard.ts';
import type { LxdTransportConfig } from '../src/lxd/transport.ts';
import type { KnownHost, KnownHosts } from '../src/records/known-hosts.ts';
import type { Quarantine } from '../src/records/quarantine.ts';
import type { Cloud, Host, Hosts } from './tools.ts';

/** A host of the configuration, without what changes while we run. */
type FixedHost = Omit<Host, 'drained'>;

/**
 * The hosts of the configuration and those of the register, which is read anew each time, as is what is in quarantine.
 * @throws Fault config_invalid that names every key file that cannot be read
 */
export function connectHosts(
  file: FileConfig,
  clouds: readonly Cloud[],
  register: KnownHosts,
  quarantine?: Pick<Quarantine, 'list'>,
): Hosts {
  const fixed = configuredHosts(file);
  const adoptKey = file.adopt === undefined ? undefined : readFileSync(file.adopt.key_file, 'utf8');
  const known = new Map<string, { access: string; host: FixedHost }>();

  const wayTo = (name: string, { guard: _guard, ...access }: HostAccess, cloud: string | undefined) => {
    const own = clouds.find((each) => each.name === cloud);
    const privateKey = own?.privateKey.reveal() ?? adoptKey;
    if (privateKey === undefined)
      throw new Fault(
        'config_invalid',
        `there is no key for ${name}: set \`adopt.key_file\` in the configuration`,
      );
    return { kind: 'ssh', ...access, privateKey, hostKey: access.hostKey } as const;
  };
  const connect = (name: string, access: HostAccess, cloud: string | undefined): LxdClient =>
    createLxdClient({ host: name, transport: wayTo(name, access, cloud) });
  const connectGuard = (name: string, access: HostAccess, cloud: string | undefined): Guard =>
    createGuard(name, wayTo(name, access, cloud), GUARD_COMMAND);

  const hostOf = (host: KnownHost): FixedHost => {
    const access = JSON.stringify(host.access);
    const present = known.get(host.name);
    if (present?.access === access) return present.host;
    void present?.host.client.close();
    present?.host.guard?.close();
    const cloud = clouds.find(({ name }) => name === host.cloud);
    const made: FixedHost = {
      name: host.name,
      client: connect(host.name, host.access, host.cloud),
      ...(host.access.guard && { guard: connectGuard(host.name, host.access, host.cloud) }),
      publicPorts: cloud?.publicPorts ?? { from: 1, to: 65_535 },
      sshPort: host.access.port,
      registered: true,
      identity: 'pinned',
      ...(host.cloud !== undefined &&
        host.server !== undefined && { server: { cloud: host.cloud, server: host.server } }),
      publicAddress: host.access.address,
      ...(cloud?.imagesServer !== undefined && { imagesServer: cloud.imagesServer }),
    };
    known.set(host.name, { access, host: made });
    return made;
  };

  return {
    adoptUser: file.adopt?.user ?? 'drawbridge',
    ...(file.adopt && { adoptKeyFile: file.adopt.key_file }),
    sockets: file.adopt?.socket === undefined ? LXD_SOCKETS : [file.adopt.socket, ...LXD_SOCKETS],
    async list() {
      const [registered, drained, kept = []] = await Promise.all([
        register.list(),
        register.drained(),
        quarantine?.list(Date.now()),
      ]);
      // A name in the configuration counts before the same one in the register.
      const others = registered.filter(({ name }) => !fixed.some((host) => host.name === name));
      return [...fixed, ...others.map(hostOf)].map((host) => {
        const quarantined = kept.filter((each) => each.host === host.name);
        return { ...host, drained: drained.has(host.name), ...(quarantined.length > 0 && { quarantined }) };
      });
    },
    connect,
    connectGuard,
    async close() {
      const all = [...fixed, ...[...known.values()].map(({ host }) => host)];
      for (const { guard } of all) guard?.close();
      await Promise.all(all.map(({ client }) => client.close()));
    },
  };
}

function configuredHosts(file: FileConfig): FixedHost[] {
  const problems: string[] = [];
  const read = (host: string, path: string): string => {
    try {
      return readFileSync(path, 'utf8');
    } catch (error) {
      problems.push(`hosts.${host}: ${path} cannot be read (${messageOf(error)})`);
      return '';
    }
  };
  const hosts = Object.entries(file.hosts).map(([name, config]): FixedHost => {
    const transport = transportOf(config, (path) => read(name, path));
    const project = config.project === undefined ? {} : { project: config.project };
    const { server } = config;
    const images =
      config.images_server ?? (server === undefined ? undefined : file.clouds[server.cloud]?.images_server);
    return {
      name,
      client: createLxdClient({ host: name, transport, ...project }),
      publicPorts: config.public_ports,
      sshPort: config.ssh_port,
      registered: false,
      ...(config.public_address !== undefined && { publicAddress: config.public_address }),
      ...(server !== undefined && { server: { cloud: server.cloud, server: server.name } }),
      ...(images !== undefined && { imagesServer: images }),
      ...(config.labels !== undefined && { labels: config.labels }),
      ...trustOf(config),
      ...(config.guard && transport.kind === 'ssh' && { guard: createGuard(name, transport, GUARD_COMMAND) }),
    };
  });
  if (problems.length > 0)
    throw new Fault('config_invalid', `The hosts cannot be reached:\n  - ${problems.join('\n  - ')}`);
  return hosts;
}

/** By which key we get in, and how we know that it is the host. */
function trustOf({ ssh, https }: HostConfig): Pick<Host, 'keyFile' | 'identity'> {
  if (ssh !== undefined)
    return { keyFile: ssh.key_file, identity: ssh.host_key === undefined ? 'nothing' : 'pinned' };
  if (https === undefined) return {};
  const identity = https.server_fingerprint === undefined ? 'authority' : 'pinned';
  return { keyFile: https.key_file, identity };
}

function transportOf({ unix, ssh, https }: HostConfig, read: (path: string) => string): LxdTransportConfig {
  if (ssh !== undefined) {
    const { address, port, user, key_file, host_key, socket } = ssh;
    return { kind: 'ssh', address, port, user, privateKey: read(key_file), hostKey: host_key, socket };
  }
  if (https !== undefined) {
    const { url, certificate_file, key_file, server_fingerprint } = https;
    const pinned = server_fingerprint === undefined ? {} : { serverFingerprint: server_fingerprint };
    return { kind: 'https', url, certificate: read(certificate_file), key: read(key_file), ...pinned };
  }
  return { kind: 'unix', socket: unix ?? '/var/lib/lxd/unix.socket' };
}
