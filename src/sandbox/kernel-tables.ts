/** The kernel's tables of sockets, `/proc/net/{tcp,tcp6,udp,udp6}`, for what is pretended to listen (Linux, proc(5)). */
import type { PretendedListener } from './lxd/lxd-services.ts';

const HEADS = {
  tcp: '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode                                                     ',
  tcp6: '  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode',
  udp: '   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops            ',
  udp6: '  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops',
};

/** The table at a path; undefined for a path that is none. */
export function kernelTable(path: string, listeners: readonly PretendedListener[]): string | undefined {
  const name = /^\/proc\/net\/(tcp6?|udp6?)$/.exec(path)?.[1] as keyof typeof HEADS | undefined;
  if (name === undefined) return undefined;
  const lines = listeners.filter(({ protocol }) => protocol === name).map(lineOf);
  return `${[HEADS[name], ...lines].join('\n')}\n`;
}

function lineOf({ protocol, address, port }: PretendedListener, index: number): string {
  const local = `${hexOf(address)}:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  // tcp waits in LISTEN, udp in CLOSE (Linux, tcp_states.h).
  const state = protocol === 'tcp' ? '0A' : '07';
  const rest = `00000000:00000000 00:00000000 00000000     0        0 ${77_000 + index} 1 0000000000000000`;
  const tail = protocol === 'tcp' ? ' 100 0 0 10 0' : ' 0';
  return `${String(index).padStart(4)}: ${local} 00000000:0000 ${state} ${rest}${tail}`;
}

/** An IPv4 address as the kernel of a little-endian machine prints it. */
function hexOf(address: string): string {
  const bytes = address.split('.').map((part) => Number(part).toString(16).toUpperCase().padStart(2, '0'));
  return bytes.reverse().join('');
}
