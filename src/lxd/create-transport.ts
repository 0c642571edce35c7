/** Opens byte streams to a host's LXD, whichever way it is reached; knows nothing about HTTP. */
import { openSsh } from './ssh.ts';
import { openTls } from './tls.ts';
import type { LxdTransportConfig, Transport } from './transport.ts';
import { openUnix } from './unix.ts';

/** Nothing connects before the first stream is opened. */
export function createTransport(config: LxdTransportConfig): Transport {
  switch (config.kind) {
    case 'unix':
      return openUnix(config);
    case 'ssh':
      return openSsh(config);
    case 'https':
      return openTls(config);
  }
}
