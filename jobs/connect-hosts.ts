/** Makes the configured hosts reachable: reads their keys and builds their LXD clients. Nothing connects before it is used. */
import { readFileSync } from 'node:fs';
import type { FileConfig, HostConfig } from '../src/config-file.ts';
import { Fault, messageOf } from '../src/errors.ts';
import { createLxdClient } from '../src/lxd/client.ts';
import type { LxdTransportConfig } from '../src/lxd/transport.ts';
import type { Host } from './tools.ts';

/** @throws Fault config_invalid that names every key file that cannot be read */
export function connectHosts(file: FileConfig): Host[] {
  const problems: string[] = [];
  const read = (host: string, path: string): string => {
    try {
      return readFileSync(path, 'utf8');
    } catch (error) {
      problems.push(`hosts.${host}: ${path} cannot be read (${messageOf(error)})`);
      return '';
    }
  };
  const hosts = Object.entries(file.hosts).map(([name, config]): Host => {
    const transport = transportOf(config, (path) => read(name, path));
    const project = config.project === undefined ? {} : { project: config.project };
    return {
      name,
      client: createLxdClient({ host: name, transport, ...project }),
      publicPorts: config.public_ports,
      sshPort: config.ssh_port,
      ...(config.public_address !== undefined && { publicAddress: config.public_address }),
    };
  });
  if (problems.length > 0)
    throw new Fault('config_invalid', `The hosts cannot be reached:\n  - ${problems.join('\n  - ')}`);
  return hosts;
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
