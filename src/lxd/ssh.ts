/** Opens the LXD socket of a host through SSH. The only file that knows ssh2; knows nothing about LXD's API. */
import { createHash } from 'node:crypto';
import type { Duplex } from 'node:stream';
import ssh2, { Client } from 'ssh2';
import { Fault, messageOf } from '../errors.ts';
import { connectionFault } from './faults.ts';
import { type Ran, type Runs, runToEnd } from './run-to-end.ts';
import { CONNECT_MS, type SshTransport, type Transport } from './transport.ts';

/**
 * One connection per host, made at the first use and again at the next use after it was lost. Every stream is a channel of
 * it (`direct-streamlocal@openssh.com`, OpenSSH PROTOCOL 2.4), so nothing runs in a shell over there.
 */
export function openSsh(config: SshTransport): Transport & Runs {
  let connection: Promise<Client> | undefined;
  let current: Client | undefined;

  const connected = (): Promise<Client> => {
    if (connection !== undefined) return connection;
    const client = new Client();
    const forget = (): void => {
      if (current === client) [connection, current] = [undefined, undefined];
    };
    current = client;
    client.on('close', forget);
    connection = connectClient(client, config);
    connection.catch(forget);
    return connection;
  };

  return {
    open: async () => openChannel(await connected(), config),
    run: async (command, input, signal) => runCommand(await connected(), command, input, signal),
    close: () => {
      current?.end();
      [connection, current] = [undefined, undefined];
    },
  };
}

/**
 * The host key that a machine shows, `SHA256:…`, without logging in: for people to look at before they trust it.
 * @throws Fault lxd_unreachable or lxd_timeout
 */
export function seeHostKey({ address, port }: Pick<SshTransport, 'address' | 'port'>): Promise<string> {
  const client = new Client();
  return new Promise<string>((resolve, reject) => {
    client.on('error', (error) => reject(connectionFault(error)));
    client.once('close', () => reject(connectionFault(new Error('the SSH server closed the connection'))));
    client.connect({
      host: address,
      port,
      username: 'drawbridge',
      readyTimeout: CONNECT_MS,
      hostVerifier: (key: Buffer) => {
        resolve(fingerprintOf(key));
        return false;
      },
    });
  }).finally(() => client.destroy());
}

/**
 * The public part of a private key, as a line of authorized_keys without a comment: `ssh-ed25519 AAAA…`.
 * @throws Fault config_invalid when it is no private key, or has a passphrase
 */
export function publicKeyOf(privateKey: string): string {
  const parsed = ssh2.utils.parseKey(privateKey);
  const key = Array.isArray(parsed) ? parsed[0] : parsed;
  if (key === undefined || key instanceof Error || !key.isPrivateKey())
    throw new Fault('config_invalid', 'that is not a private key without a passphrase', { cause: key });
  return `${key.type} ${key.getPublicSSH().toString('base64')}`;
}

type SshError = Error & { level?: string; code?: string };

function connectClient(client: Client, config: SshTransport): Promise<Client> {
  return new Promise((resolve, reject) => {
    let seen: string | undefined;
    // Stays for good: a lost connection reports an error too, and one that nobody hears ends the process.
    client.on('error', (error: SshError) => {
      client.destroy();
      reject(connectFault(error, config, seen));
    });
    client.once('close', () => reject(connectionFault(new Error('the SSH server closed the connection'))));
    client.once('ready', () => {
      // Without it requests wait 40 ms and more for Nagle's algorithm (measured).
      client.setNoDelay(true);
      resolve(client);
    });
    const { everyMs, times } = config.keepalive ?? { everyMs: 5000, times: 3 };
    try {
      client.connect({
        host: config.address,
        port: config.port,
        username: config.user,
        privateKey: config.privateKey,
        readyTimeout: CONNECT_MS,
        keepaliveInterval: everyMs,
        keepaliveCountMax: times,
        hostVerifier: (key: Buffer) => {
          seen = fingerprintOf(key);
          return config.hostKey !== undefined && withoutPadding(config.hostKey) === seen;
        },
      });
    } catch (error) {
      // ssh2 reads the private key before it connects.
      reject(new Fault('lxd_unauthorized', 'the SSH key cannot be used', { cause: error }));
    }
  });
}

function connectFault(error: SshError, config: SshTransport, seen: string | undefined): Fault {
  const where = `${config.address}:${config.port}`;
  if (seen !== undefined && seen !== withoutPadding(config.hostKey ?? '')) {
    return hostKeyFault(config, seen);
  }
  if (error.level === 'client-authentication') {
    return new Fault(
      'lxd_unauthorized',
      `${where} does not let ${config.user} in with the configured key: add its public part to authorized_keys there`,
      { cause: error },
    );
  }
  if (error.level === 'client-timeout') {
    return new Fault('lxd_timeout', `${where} does not answer SSH`, { retryable: true, cause: error });
  }
  return connectionFault(error);
}

function hostKeyFault({ address, port, hostKey }: SshTransport, seen: string): Fault {
  const what =
    hostKey === undefined
      ? `no host key is pinned for ${address}:${port}, which shows ${seen}`
      : `${address}:${port} shows the host key ${seen}, not the pinned ${hostKey}: it was installed anew, or somebody stands in between`;
  return new Fault(
    'lxd_host_key',
    `${what}. Compare it with \`ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub\` on the host, ` +
      `then put \`host_key: ${seen}\` in the configuration`,
  );
}

function openChannel(client: Client, { socket, address, port }: SshTransport): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    client.openssh_forwardOutStreamLocal(socket, (error, channel) => {
      if (error === undefined || error === null) return resolve(channel);
      // sshd answers the same to a missing socket and to one that its policy forbids (measured on OpenSSH 9.2).
      if (/open failure/i.test(messageOf(error))) {
        const hint =
          `${address}:${port} does not open ${socket}: either LXD's socket is not there (snap: /var/snap/lxd/common/lxd/unix.socket), ` +
          `or sshd forbids it (AllowTcpForwarding, PermitOpen, or \`restrict\` without \`port-forwarding\` in authorized_keys)`;
        return reject(new Fault('lxd_unreachable', hint, { retryable: true, cause: error }));
      }
      reject(connectionFault(error));
    });
  });
}

function runCommand(client: Client, command: string, input: string, signal?: AbortSignal): Promise<Ran> {
  return new Promise<Ran>((resolve, reject) => {
    client.exec(command, (error, channel) => {
      if (error) return reject(connectionFault(error));
      runToEnd(channel, input, signal).then(resolve, reject);
    });
  });
}

/** As `ssh-keygen -lf` prints it (RFC 4253 key blob, SHA-256, base64 without padding). */
function fingerprintOf(key: Buffer): string {
  return withoutPadding(`SHA256:${createHash('sha256').update(key).digest('base64')}`);
}

function withoutPadding(fingerprint: string): string {
  return fingerprint.replace(/=+$/, '');
}
