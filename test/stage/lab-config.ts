/** The configuration for the lab's hosts, as a file's text would give it. */
import { type FileConfig, parseConfigFile } from '../../src/config-file.ts';
import type { Lab, LabHost } from '../lab/lab.ts';

export interface LabConfigOptions {
  /** Doors to anyone need no approval. */
  openPolicy?: boolean;
  /** As in the file, `1h`. */
  wait?: string;
  ownRequests?: boolean;
  /** Another way to web1 than SSH: the path of a socket. */
  socket?: string;
}

/** web1 and web2 over SSH with pinned keys; Alice asks, Bob decides. */
export function labConfig({ hosts }: Lab, options: LabConfigOptions = {}): FileConfig {
  const way = ({ address, ssh, socket }: LabHost) =>
    `ssh: { address: ${address}, port: ${ssh.port}, user: ${ssh.user}, key_file: ${ssh.keyFile}, host_key: "${ssh.hostKeyFingerprint}", socket: ${socket} }`;
  const web1 = options.socket === undefined ? way(hosts.web1) : `unix: ${options.socket}`;
  const text = `
hosts:
  web1:
    ${web1}
    public_address: ${hosts.web1.address}
  web2:
    ${way(hosts.web2)}
networks:
  office: [198.51.100.0/26]
  private: [${options.openPolicy === true ? '0.0.0.0/0' : '10.0.0.0/8'}]
roles:
  operators: { users: [U0ALICE, U0BOB] }
  approvers: { users: [U0BOB, U0DAVE] }
policy:
  look: [operators]
  ask: [operators]
  approve: [approvers]
  own_requests: ${options.ownRequests === true}
  private_networks: [private]
  wait_for_approval: ${options.wait ?? '1h'}
`;
  const parsed = parseConfigFile(text);
  if ('problems' in parsed) throw new Error(parsed.problems.join('\n'));
  return parsed.config;
}

/** The section `hosts` with web1, reached as by everybody and with its guard. */
export function guardedHost({ hosts: { web1 } }: Lab) {
  const { user, port, keyFile: key_file, hostKeyFingerprint: host_key } = web1.ssh;
  const ssh = { address: web1.address, user, port, key_file, host_key, socket: web1.socket };
  return { web1: { ssh, public_address: web1.address, guard: true } };
}
