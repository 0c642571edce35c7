/** Which process listens at a port of a running container, by name. Reads only. */
import { harmless } from '../../src/core/commands/chat-text.ts';
import type { Protocol } from '../../src/core/request.ts';
import { inodesAt, ownerOf, processesIn } from '../../src/core/socket-owner.ts';
import { isFault } from '../../src/errors.ts';
import type { Host } from '../tools.ts';

/** undefined where it cannot be known: no `cat` or `ls` in it, or nobody there has the socket. */
export async function observeListeningProcess(
  { client }: Host,
  instance: string,
  { port, protocol }: { port: number; protocol: Protocol },
  signal?: AbortSignal,
): Promise<string | undefined> {
  const run = async (...argv: string[]): Promise<string> =>
    (await client.exec(instance, argv, signal)).stdout;
  try {
    const tables = [`/proc/net/${protocol}`, `/proc/net/${protocol}6`];
    const [sockets, listing] = await Promise.all([run('cat', ...tables), run('ls', '/proc')]);
    const inodes = inodesAt(sockets, port, protocol);
    const processes = processesIn(listing);
    if (inodes.length === 0 || processes.length === 0) return undefined;
    // Two folders at least, so that `ls` says which is which.
    const files = await run('ls', '-l', ...['self', ...processes].map((id) => `/proc/${id}/fd`));
    const owner = ownerOf(files, inodes);
    return owner === undefined
      ? undefined
      : harmless(await run('cat', `/proc/${owner}/comm`), 40) || undefined;
  } catch (error) {
    if (isFault(error)) return undefined;
    throw error;
  }
}
