/** Opens LXD's socket on this machine. Knows nothing about LXD's API. */
import { createConnection } from 'node:net';
import { Fault } from '../errors.ts';
import { connectionFault } from './faults.ts';
import type { Transport, UnixTransport } from './transport.ts';

export function openUnix({ socket: path }: UnixTransport): Transport {
  return {
    open: () =>
      new Promise((resolve, reject) => {
        const socket = createConnection(path);
        const refuse = (error: Error): void => reject(faultOf(path, error));
        socket.once('error', refuse);
        socket.once('connect', () => {
          socket.off('error', refuse);
          resolve(socket);
        });
      }),
    close: () => {},
  };
}

function faultOf(path: string, error: Error & { code?: string }): Fault {
  if (error.code === 'EACCES' || error.code === 'EPERM') {
    return new Fault(
      'lxd_unauthorized',
      `this process may not use ${path}: add its user to the group of the socket (usually lxd)`,
      { cause: error },
    );
  }
  if (error.code === 'ENOENT') {
    return new Fault('lxd_unreachable', `there is no socket ${path}: is LXD running?`, {
      retryable: true,
      cause: error,
    });
  }
  return connectionFault(error);
}
