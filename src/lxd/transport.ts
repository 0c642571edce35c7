/** How a host's LXD is reached: what each way needs, and what all of them give. */
import type { Duplex } from 'node:stream';

/** The machine's own LXD. */
export interface UnixTransport {
  kind: 'unix';
  /** Path of LXD's socket. */
  socket: string;
}

/** LXD's socket on another machine, through SSH. */
export interface SshTransport {
  kind: 'ssh';
  address: string;
  port: number;
  user: string;
  /** PEM or OpenSSH text. */
  privateKey: string;
  /** `SHA256:…` as `ssh-keygen -lf` prints it; undefined: nothing is trusted, and the fault tells what was seen. */
  hostKey: string | undefined;
  /** Path of LXD's socket over there. */
  socket: string;
  /** How a dead connection is noticed: asked every `everyMs`, given up after `times` without answer. 5 s and 3 by default. */
  keepalive?: { everyMs: number; times: number };
}

/** LXD's HTTPS API with a client certificate. */
export interface HttpsTransport {
  kind: 'https';
  /** `https://192.0.2.7:8443` */
  url: string;
  /** PEM. */
  certificate: string;
  key: string;
  /** SHA-256 of the server's certificate in hex, as `lxc info` prints it; colons are allowed. */
  serverFingerprint?: string;
  /** PEM of the authority that signed the server's certificate, where it is not a public one. */
  ca?: string;
}

export type LxdTransportConfig = UnixTransport | SshTransport | HttpsTransport;

/** Streams to one LXD. */
export interface Transport {
  /**
   * @throws Fault lxd_unreachable, lxd_timeout, lxd_unauthorized or lxd_host_key; its message is only the cause, whoever
   * called says what was being done
   */
  open(): Promise<Duplex>;
  close(): void;
}

/** Most that making a connection may take, in milliseconds. */
export const CONNECT_MS = 10_000;
