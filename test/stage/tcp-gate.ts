/** A port in front of another one, whose connections a test can cut or freeze. */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface TcpGate {
  port: number;
  /** Ends every connection as a pulled cable that is noticed at once. */
  cut(): void;
  /** Nothing passes any more, and nobody is told; new connections stand and are silent, too. */
  freeze(): void;
  /** What was held back passes. */
  thaw(): void;
  close(): Promise<void>;
}

/** @param target a port of 127.0.0.1, or the path of a socket */
export async function openTcpGate(target: number | string): Promise<TcpGate> {
  const pairs = new Set<readonly [Socket, Socket]>();
  let frozen = false;
  const server = createServer((outer) => {
    const inner = typeof target === 'number' ? connect(target, '127.0.0.1') : connect(target);
    const pair = [outer, inner] as const;
    pairs.add(pair);
    for (const [from, to] of [pair, [inner, outer]] as const) {
      from.on('data', (chunk) => void to.write(chunk));
      from.on('error', () => to.destroy());
      from.on('end', () => void to.end());
      from.on('close', () => {
        to.destroy();
        pairs.delete(pair);
      });
      if (frozen) from.pause();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const each = (deed: (socket: Socket) => void): void => {
    for (const pair of pairs) pair.forEach(deed);
  };
  const cut = (): void => each((socket) => void socket.destroy());
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    freeze() {
      frozen = true;
      each((socket) => void socket.pause());
    },
    thaw() {
      frozen = false;
      each((socket) => void socket.resume());
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        cut();
      }),
  };
}
