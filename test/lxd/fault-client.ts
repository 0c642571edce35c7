/** A client whose LXD answers as the test says, and the replies that several tests use. */
import { afterEach } from 'vitest';
import { createLxdClient, type LxdClient } from '../../src/lxd/client.ts';
import { type FaultServer, type Reply, startFaultServer } from './fault-server.ts';

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** Ended after the test. Calls time out after 300 ms, operations after 1 s. */
export async function clientOf(reply: Reply): Promise<{ client: LxdClient; server: FaultServer }> {
  const server = await startFaultServer(reply);
  ends.push(server.stop);
  return { client: clientAt(server.socket), server };
}

export function clientAt(socket: string): LxdClient {
  const transport = { kind: 'unix', socket } as const;
  const client = createLxdClient({ host: 'web1', transport, timeoutMs: 300, operationTimeoutMs: 1000 });
  ends.push(() => client.close());
  return client;
}

/** Replies in turn; the last one again and again. */
export function inTurn(...replies: Reply[]): Reply {
  let turn = 0;
  return (socket, heard) => {
    const reply = replies[Math.min(turn, replies.length - 1)];
    turn += 1;
    reply?.(socket, heard);
  };
}

/** Time for the pool to take a connection back, so that the next call uses the same one. */
export const settled = () => new Promise((resolve) => setTimeout(resolve, 20));

export const hang: Reply = () => {};
export const hangUp: Reply = (socket) => socket.destroy();

export const blog = { name: 'blog', type: 'container', status: 'Running', config: {}, devices: {} };
export const operation = (status_code: number, err = '') => ({ id: 'op1', status: 'x', status_code, err });
