/** A server that answers as it is told, right or wrong, byte by byte over a unix socket. Knows nothing about LXD. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Heard {
  method: string;
  path: string;
  headers: string;
  body: string;
}

/** What happens to one request; `socket.write` for bytes, `socket.destroy` to hang up, nothing to hang. */
export type Reply = (socket: Socket, heard: Heard) => void;

export interface FaultServer {
  socket: string;
  heard: Heard[];
  stop: () => Promise<void>;
}

/** @param reply is asked for every request that arrives whole */
export async function startFaultServer(reply: Reply): Promise<FaultServer> {
  const folder = mkdtempSync(join(tmpdir(), 'drawbridge-faults-'));
  const path = join(folder, 'lxd.sock');
  const heard: Heard[] = [];
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    let text = '';
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    socket.on('error', () => {}); // the client may hang up in the middle
    socket.on('data', (data) => {
      text += data;
      for (let cut = cutOf(text); cut !== undefined; cut = cutOf(text)) {
        const request = parse(text.slice(0, cut));
        text = text.slice(cut);
        heard.push(request);
        reply(socket, request);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const stop = (): Promise<void> =>
    new Promise((resolve) => {
      for (const socket of open) socket.destroy();
      server.close(() => {
        rmSync(folder, { recursive: true, force: true });
        resolve();
      });
    });
  return { socket: path, heard, stop };
}

/** An answer in LXD's envelope. */
export function answer(status: number, envelope: object, headers: Record<string, string> = {}): Reply {
  return (socket) => socket.write(httpText(status, JSON.stringify(envelope), headers));
}

export function httpText(status: number, body: string, headers: Record<string, string> = {}): string {
  const all = { 'Content-Length': String(Buffer.byteLength(body)), ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} Whatever\r\n${lines.join('')}\r\n${body}`;
}

export const sync = (metadata: unknown) => ({ type: 'sync', status_code: 200, metadata });
export const failure = (code: number, error: string) => ({ type: 'error', error_code: code, error });
export const started = (id: string) => ({ type: 'async', operation: `/1.0/operations/${id}`, metadata: {} });

/** Where the first whole request ends. */
function cutOf(text: string): number | undefined {
  const head = text.indexOf('\r\n\r\n');
  if (head === -1) return undefined;
  const length = Number(/content-length: (\d+)/i.exec(text.slice(0, head))?.[1] ?? 0);
  return text.length >= head + 4 + length ? head + 4 + length : undefined;
}

function parse(text: string): Heard {
  const [head = '', body = ''] = text.split('\r\n\r\n');
  const [first = '', ...headers] = head.split('\r\n');
  const [method = '', path = ''] = first.split(' ');
  return { method, path, headers: headers.join('\n').toLowerCase(), body };
}
