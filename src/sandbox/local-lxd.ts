/** The machine's own LXD, where there is one that this user may use. */
import { request } from 'node:http';

/** Where Debian's and snap's packages put the socket. */
const SOCKETS = ['/var/lib/lxd/unix.socket', '/var/snap/lxd/common/lxd/unix.socket'];

/** The socket of an LXD that answers and trusts this user; undefined when there is none. */
export async function findLocalLxd(): Promise<string | undefined> {
  for (const socket of SOCKETS) if (await trusts(socket)) return socket;
  return undefined;
}

function trusts(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const call = request({ socketPath, path: '/1.0', timeout: 2_000 }, async (response) => {
      let text = '';
      for await (const chunk of response) text += String(chunk);
      resolve(/"auth":\s*"trusted"/.test(text));
    });
    call.on('timeout', () => call.destroy());
    call.on('error', () => resolve(false));
    call.end();
  });
}
