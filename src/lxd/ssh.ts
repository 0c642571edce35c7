/** Opens the LXD socket of a host through SSH. The only file that knows ssh2; knows nothing about LXD's API. */
import { createHash } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { Client } from 'ssh2';
import { Fault } from '../errors.ts';

export interface SshOptions {
  address: string;
  port: number;
  user: string;
  /** OpenSSH or PEM text. */
  privateKey: string;
  /** `SHA256:…` as `ssh-keygen -lf` prints it. Without it nothing is trusted. */
  hostKey?: string | undefined;
  /** Path of the LXD socket on the host. */
  socket: string;
}

export interface SshWire {
  /** A fresh channel to the socket; connects first where there is no connection. */
  open(): Promise<Duplex>;
  close(): void;
}

/** A frozen host is given up after KEEPALIVE_MS x KEEPALIVES. */
const KEEPALIVE_MS = 5_000;
const KEEPALIVES = 3;
const READY_MS = 10_000;

/** One connection for a host, kept alive, made again when it was lost. */
export function createSshWire(options: SshOptions): SshWire {
  let current: Promise<Client> | undefined;

  function connection(): Promise<Client> {
    current ??= connect(options, () => {
      current = undefined;
    });
    return current;
  }

  return {
    async open() {
      const client = await connection();
      return openChannel(client, options);
    },
    close() {
      const closing = current;
      current = undefined;
      closing?.then((client) => client.end()).catch(() => undefined);
    },
  };
}

function connect(options: SshOptions, onLost: () => void): Promise<Client> {
  return new Promise((resolve, reject) => {
    const client = new Client();
    let refused: Fault | undefined;
    client.on('ready', () => {
      // Without it every request waits 40 ms for a delayed ack (measured).
      client.setNoDelay(true);
      resolve(client);
    });
    client.on('error', (error) => {
      onLost();
      reject(refused ?? faultOf(error, options));
    });
    client.on('close', () => {
      onLost();
      reject(
        refused ??
          new Fault('lxd_unreachable', `${placeOf(options)} closed the connection`, { retryable: true }),
      );
    });
    try {
      client.connect({
        host: options.address,
        port: options.port,
        username: options.user,
        privateKey: options.privateKey,
        readyTimeout: READY_MS,
        keepaliveInterval: KEEPALIVE_MS,
        keepaliveCountMax: KEEPALIVES,
        // ssh2 takes any key when there is no verifier (its README).
        hostVerifier: (key: Buffer) => {
          refused = hostKeyFault(fingerprintOf(key), options);
          return refused === undefined;
        },
      });
    } catch (error) {
      onLost();
      reject(
        new Fault('lxd_unauthorized', `the key for ${placeOf(options)} cannot be used`, { cause: error }),
      );
    }
  });
}

function openChannel(client: Client, options: SshOptions): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const refuse = (error: Error) => reject(channelFault(error, options));
    try {
      client.openssh_forwardOutStreamLocal(options.socket, (error, channel) => {
        if (error === undefined) resolve(channel);
        else refuse(error);
      });
    } catch (error) {
      // ssh2 throws here when the connection was lost a moment ago.
      reject(
        new Fault('lxd_unreachable', `the connection to ${placeOf(options)} was lost`, {
          retryable: true,
          cause: error,
        }),
      );
    }
  });
}

/** sshd answers the same for a missing socket and for a forbidden one. */
function channelFault(error: Error & { reason?: number | string }, options: SshOptions): Fault {
  const { socket } = options;
  if (!/open fail/i.test(error.message)) {
    return new Fault('lxd_unreachable', `${placeOf(options)}: ${error.message}`, {
      retryable: true,
      cause: error,
    });
  }
  const hints = `either there is no LXD at ${socket} (snap: /var/snap/lxd/common/lxd/unix.socket), or sshd does not let this key open it (AllowTcpForwarding, PermitOpen, “restrict” without port-forwarding)`;
  return new Fault('lxd_unauthorized', `${placeOf(options)} did not open ${socket}: ${hints}`, {
    cause: error,
  });
}

/** As OpenSSH prints it: base64 of the SHA-256 of the key blob, without padding (RFC 4253 section 6.6, ssh-keygen(1)). */
function fingerprintOf(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

function hostKeyFault(seen: string, options: SshOptions): Fault | undefined {
  const pinned = options.hostKey?.replace(/=+$/, '');
  if (pinned === seen) return undefined;
  const place = placeOf(options);
  if (pinned === undefined) {
    const hint = `compare it with \`ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub\` on the host, then set \`host_key: ${seen}\``;
    return new Fault('lxd_host_key', `${place} shows the key ${seen}, and none is pinned; ${hint}`);
  }
  const hint = 'somebody may be in between; if the host was set up anew, pin its new key';
  return new Fault('lxd_host_key', `${place} shows the key ${seen} instead of the pinned ${pinned}; ${hint}`);
}

function faultOf(error: Error & { level?: string; code?: string }, options: SshOptions): Fault {
  const place = placeOf(options);
  if (error.level === 'client-authentication') {
    return new Fault('lxd_unauthorized', `${place} does not accept the key for ${options.user}`, {
      cause: error,
    });
  }
  if (error.level === 'client-timeout') {
    return new Fault('lxd_timeout', `${place} does not answer`, { retryable: true, cause: error });
  }
  const word = error.code === 'ECONNREFUSED' ? 'connection refused' : error.message;
  return new Fault('lxd_unreachable', `${place}: ${word}`, { retryable: true, cause: error });
}

function placeOf({ address, port }: SshOptions): string {
  return `sshd at ${address}:${port}`;
}
