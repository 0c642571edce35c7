/** Which process has a socket, from what `cat` and `ls` of busybox and of coreutils print. */
import { describe, expect, it } from 'vitest';
import { inodesAt, ownerOf, processesIn } from '../../src/core/socket-owner.ts';

const TCP = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 71234 1 0000000000000000 100 0 0 10 0
   1: 0A0B000A:0050 0102000A:9C40 01 00000000:00000000 00:00000000 00000000     0        0 71299 1 0000000000000000 20 4 30 10 -1
   2: 0100007F:1538 00000000:0000 0A 00000000:00000000 00:00000000 00000000   999        0 71300 1 0000000000000000 100 0 0 10 0
  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000000000000000000000000000:0050 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 71235 1 0000000000000000 100 0 0 10 0`;

describe('the owner of a socket', () => {
  it('listens: connections at the same port are not meant', () => {
    expect(inodesAt(TCP, 80, 'tcp')).toEqual(['71234', '71235']);
    expect(inodesAt(TCP, 5432, 'tcp')).toEqual(['71300']);
    expect(inodesAt(TCP, 81, 'tcp')).toEqual([]);
  });

  it('is among the processes, which are the numbers in /proc', () => {
    expect(processesIn('1\n17\nacpi\ncpuinfo\nself\n204\n')).toEqual(['1', '17', '204']);
    expect(processesIn(Array.from({ length: 9_000 }, (_, id) => id).join('\n'))).toHaveLength(400);
  });

  it.each([
    ['busybox', 'lrwx------    1 root     root            64 Nov 26 07:00 3 -> socket:[71234]'],
    ['coreutils', "lrwx------ 1 root root 64 Nov 26 07:00 3 -> 'socket:[71234]'"],
  ])('is the one whose open files have it, as %s lists them', (_, line) => {
    const listing = `/proc/self/fd:\ntotal 0\n\n/proc/1/fd:\ntotal 0\nlr-x------ 1 root root 64 Nov 26 07:00 0 -> /dev/null\n\n/proc/17/fd:\ntotal 0\n${line}\n`;
    expect(ownerOf(listing, ['71234'])).toBe('17');
    expect(ownerOf(listing, ['99'])).toBeUndefined();
  });
});
