/** The kernel's own tables, as `cat` prints them inside a container. */
import { expect, test } from 'vitest';
import { parseListeners } from '../../src/core/listeners.ts';

const TCP = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode                                                     
   0: 0100007F:18EB 00000000:0000 0A 00000000:00000000 00:00000000 00000000   106        0 18254 1 0000000000000000 100 0 0 10 0                     
   1: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 20177 1 0000000000000000 100 0 0 10 5                     
   2: 0A000B0A:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 20178 1 0000000000000000 100 0 0 10 0                     
   3: 0A000B0A:0050 0B64C6C6:D1F2 06 00000000:00000000 03:00001769 00000000     0        0 0 3 0000000000000000                                      
   4: 0A000B0A:0051 0B64C6C6:D1F3 01 00000000:00000000 02:0009A3F7 00000000     0        0 20190 4 0000000000000000 20 4 30 10 -1                    
   5: 0A000B0A:A1F0 0100000A:0035 02 00000001:00000000 01:00000062 00000000     0        0 20195 2 0000000000000000 100 0 0 10 -1                    
`;
const TCP6 = `  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000000000000000000000000000:0BB8 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 21001 1 0000000000000000 100 0 0 10 0
   1: 00000000000000000000000001000000:0277 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 21002 1 0000000000000000 100 0 0 10 0
   2: 0000000000000000FFFF00000100007F:1F90 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 21003 1 0000000000000000 100 0 0 10 0
   3: B80D0120000000000000000001000000:01BB 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 21004 1 0000000000000000 100 0 0 10 0
   4: 0000000000000000FFFF00000A000B0A:0BB8 0000000000000000FFFF00000B64C6C6:C350 06 00000000:00000000 03:000012B9 00000000     0        0 0 3 0000000000000000
`;
const UDP = `   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops             
  211: 00000000:0035 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 22001 2 0000000000000000 0         
  226: 0100007F:0143 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 22002 2 0000000000000000 0         
  400: 0A000B0A:9C41 0100000A:0035 01 00000000:00000000 00:00000000 00000000     0        0 22003 2 0000000000000000 0         
`;
const UDP6 = `  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
  211: 00000000000000000000000000000000:0035 00000000000000000000000000000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 22004 2 0000000000000000 0
`;

test('tcp: what listens is found; TIME_WAIT, established and connecting sockets are not', () => {
  expect(parseListeners(TCP)).toEqual([
    { protocol: 'tcp', address: '10.11.0.10', port: 22 },
    { protocol: 'tcp', address: '0.0.0.0', port: 80 },
    { protocol: 'tcp', address: '127.0.0.1', port: 6379 },
  ]);
});

test('tcp6: the wildcard, loopback, mapped IPv4 and global addresses', () => {
  expect(parseListeners(TCP6)).toEqual([
    { protocol: 'tcp', address: '2001:db8:0:0:0:0:0:1', port: 443 },
    { protocol: 'tcp', address: '::1', port: 631 },
    { protocol: 'tcp', address: '::', port: 3000 },
    { protocol: 'tcp', address: '127.0.0.1', port: 8080 },
  ]);
});

test('udp: sockets that wait for anybody; one that is connected to a server is a client', () => {
  expect(parseListeners(UDP)).toEqual([
    { protocol: 'udp', address: '0.0.0.0', port: 53 },
    { protocol: 'udp', address: '127.0.0.1', port: 323 },
  ]);
});

test('all four tables in one text keep their protocols', () => {
  const all = parseListeners(TCP + TCP6 + UDP + UDP6);
  expect(all.filter(({ protocol }) => protocol === 'tcp')).toHaveLength(7);
  expect(all.filter(({ port }) => port === 53)).toEqual(
    [
      { protocol: 'udp', address: '::', port: 53 },
      { protocol: 'udp', address: '0.0.0.0', port: 53 },
    ].sort((a, b) => a.address.localeCompare(b.address)),
  );
});

test('the same socket twice is one listener', () => {
  expect(parseListeners(TCP + TCP)).toEqual(parseListeners(TCP));
});

test.each([
  ['nothing', ''],
  ['only a header', TCP.split('\n')[0] ?? ''],
  ['an error of cat', 'cat: /proc/net/tcp6: No such file or directory\n'],
  ['a line cut short', '   0: 0100007F:18EB 000000'],
])('%s has no listeners', (_, text) => {
  expect(parseListeners(text)).toEqual([]);
});
