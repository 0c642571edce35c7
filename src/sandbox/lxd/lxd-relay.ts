/** One public port of the pretended host: listens for real, and copies to wherever it is told for each visitor. */
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** The loopback port for a visitor; undefined when nobody is at home for them. */
export type Route = (visitor: string) => number | undefined;

export interface Relay {
  /** Stops listening at once; with `cut` whoever is inside has to leave, too. */
  close(cut: boolean): void;
}

/** @throws what `bind` says when the port cannot be had */
export async function openRelay(
  protocol: 'tcp' | 'udp',
  address: string,
  port: number,
  route: Route,
): Promise<Relay> {
  return protocol === 'tcp' ? openTcp(address, port, route) : openUdp(address, port, route);
}

/**
 * Who finds nobody at home is let in and thrown out again: a process cannot refuse or ignore a connection before it is made, as
 * the kernel of a real host does.
 */
async function openTcp(address: string, port: number, route: Route): Promise<Relay> {
  const inside = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (visitor) => {
    visitor.on('error', () => undefined);
    const target = route(visitor.remoteAddress ?? '');
    if (target === undefined) {
      visitor.resetAndDestroy();
      return;
    }
    const host = connect({ host: '127.0.0.1', port: target, allowHalfOpen: true });
    host.on('error', () => visitor.resetAndDestroy());
    visitor.pipe(host).pipe(visitor);
    visitor.on('close', () => host.destroy());
    inside.add(visitor);
    visitor.on('close', () => inside.delete(visitor));
  });
  server.listen(port, address);
  await once(server, 'listening');
  server.on('error', () => undefined);
  return {
    close(cut) {
      server.close();
      if (cut) for (const visitor of inside) visitor.destroy();
    },
  };
}

/** How long a datagram's way back is kept; the kernel keeps it for 30 s (nf_conntrack_udp_timeout). */
const UDP_IDLE_MS = 30_000;

async function openUdp(address: string, port: number, route: Route): Promise<Relay> {
  const front = createSocket('udp4');
  const backs = new Map<string, { socket: UdpSocket; timer: NodeJS.Timeout }>();
  front.bind(port, address);
  await once(front, 'listening');
  front.on('error', () => undefined);
  front.on('message', (message, visitor) => {
    const target = route(visitor.address);
    if (target === undefined) return;
    const key = `${visitor.address}:${visitor.port}`;
    const back = backs.get(key) ?? openBack(key, visitor);
    back.timer.refresh();
    back.socket.send(message, target, '127.0.0.1');
  });

  function openBack(key: string, visitor: { address: string; port: number }) {
    const socket = createSocket('udp4');
    socket.on('error', () => undefined);
    socket.on('message', (message) => front.send(message, visitor.port, visitor.address));
    const timer = setTimeout(() => {
      backs.delete(key);
      socket.close();
    }, UDP_IDLE_MS).unref();
    backs.set(key, { socket, timer });
    return { socket, timer };
  }

  return {
    close() {
      front.close();
      for (const { socket, timer } of backs.values()) {
        clearTimeout(timer);
        socket.close();
      }
      backs.clear();
    },
  };
}
