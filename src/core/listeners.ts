/** Reads the kernel's tables of sockets, `/proc/net/{tcp,tcp6,udp,udp6}`, one after the other in one text. */

import type { Protocol } from './request.ts';
import type { Listener } from './world.ts';

/** State LISTEN of tcp; udp sockets that wait for anybody are in CLOSE (Linux, proc(5) and tcp_states.h). */
const WAITING: Record<Protocol, string> = { tcp: '0A', udp: '07' };

/** The sockets that wait for connections or datagrams, sorted, each once. */
export function parseListeners(tables: string): Listener[] {
  const found = new Map<string, Listener>();
  let protocol: Protocol = 'tcp';
  for (const line of tables.split('\n')) {
    // Only the header of udp's table has the column `drops`.
    if (line.includes('local_address')) protocol = line.includes('drops') ? 'udp' : 'tcp';
    const listener = parseLine(line, protocol);
    if (listener !== undefined)
      found.set(`${listener.protocol} ${listener.address} ${listener.port}`, listener);
  }
  return [...found.values()].sort((a, b) => a.port - b.port || a.address.localeCompare(b.address));
}

function parseLine(line: string, protocol: Protocol): Listener | undefined {
  const match =
    /^\s*\d+: ([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4}) [0-9A-F]+:([0-9A-F]{4}) ([0-9A-F]{2}) /.exec(line);
  if (match === null) return undefined;
  const [, address = '', port = '', remote, state] = match;
  if (state !== WAITING[protocol] || remote !== '0000') return undefined;
  return { protocol, address: addressOf(address), port: Number.parseInt(port, 16) };
}

/** The kernel prints each 32-bit word of an address in the machine's byte order: little-endian on every LXD platform but s390x. */
function addressOf(hex: string): string {
  if (hex.length === 8) return dotted(hex);
  if (/^0+$/.test(hex)) return '::';
  if (hex === '00000000000000000000000001000000') return '::1';
  if (hex.startsWith('0000000000000000FFFF0000')) return dotted(hex.slice(24));
  const words = (hex.match(/.{8}/g) ?? []).flatMap((word) => {
    const bytes = (word.match(/../g) ?? []).reverse().join('');
    return [bytes.slice(0, 4), bytes.slice(4)];
  });
  return words.map((word) => word.toLowerCase().replace(/^0+(?=.)/, '')).join(':');
}

function dotted(hex: string): string {
  return (hex.match(/../g) ?? [])
    .reverse()
    .map((byte) => Number.parseInt(byte, 16))
    .join('.');
}
