/** Finds which process has a listening socket, from what `/proc` of an instance says. Pure. */
import type { Protocol } from './request.ts';

/**
 * The inodes of the sockets at a port.
 * @param tables `/proc/net/{tcp,tcp6}` or `/proc/net/{udp,udp6}`: the inode is the tenth column (Linux, proc(5))
 */
export function inodesAt(tables: string, port: number, protocol: Protocol): string[] {
  const wanted = port.toString(16).toUpperCase().padStart(4, '0');
  const state = protocol === 'tcp' ? '0A' : '07';
  return tables.split('\n').flatMap((line) => {
    const [, local = '', , st, , , , , , inode] = line.trim().split(/\s+/);
    return local.endsWith(`:${wanted}`) && st === state && inode !== undefined ? [inode] : [];
  });
}

/** The processes in a listing of `/proc`, at most 400. */
export function processesIn(listing: string): string[] {
  return listing
    .split(/\s+/)
    .filter((name) => /^\d+$/.test(name))
    .slice(0, 400);
}

/** The process whose folder of open files has one of the sockets. @param listing `ls -l` of `/proc/<process>/fd`, one after the other */
export function ownerOf(listing: string, inodes: readonly string[]): string | undefined {
  let process: string | undefined;
  for (const line of listing.split('\n')) {
    process = /^\/proc\/(\d+)\/fd:$/.exec(line)?.[1] ?? process;
    const inode = /-> '?socket:\[(\d+)\]/.exec(line)?.[1];
    if (inode !== undefined && inodes.includes(inode)) return process;
  }
  return undefined;
}
