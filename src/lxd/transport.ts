/** The three ways to an LXD daemon: its socket, its socket through SSH, HTTPS with a client certificate. */
import { Fault } from '../errors.ts';
import { createHttp, type Http } from './http.ts';
import { createSshWire, type SshOptions } from './ssh.ts';

export type LxdTransportConfig =
  | { kind: 'unix'; socket: string }
  | ({ kind: 'ssh' } & SshOptions)
  | {
      kind: 'https';
      url: string;
      /** PEM. */
      certificate: string;
      key: string;
      /** SHA-256 of the server's certificate in hex, as `lxc info` prints it. */
      serverFingerprint?: string;
    };

/** Nothing connects before the first call. */
export function createTransport(config: LxdTransportConfig): Http {
  switch (config.kind) {
    case 'unix':
      return createHttp({ kind: 'socket', path: config.socket });
    case 'ssh':
      return createHttp({ kind: 'stream', ...createSshWire(config) });
    case 'https': {
      const { url, certificate, key, serverFingerprint } = config;
      const verify = (seen: string) => certificateFault(url, seen, serverFingerprint?.toLowerCase());
      return createHttp({ kind: 'tls', origin: new URL(url).origin, certificate, key, verify });
    }
  }
}

function certificateFault(url: string, seen: string, pinned: string | undefined): Fault | undefined {
  if (seen === pinned) return undefined;
  const what = pinned === undefined ? 'and none is pinned' : `instead of the pinned ${pinned}`;
  const hint = `compare it with \`lxc info\` on the host, then set \`server_fingerprint: ${seen}\``;
  return new Fault('lxd_host_key', `${url} shows the certificate ${seen}, ${what}; ${hint}`);
}
