/**
 * A door keeper between a worker and a real LXD socket: passes everything on, and lets a test do something to the calls that
 * change things: before they reach LXD, or after LXD did them and before the answer goes back.
 */
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';

export interface GateCall {
  /** 1 for the first call that changes something. */
  number: number;
  method: string;
  path: string;
}

/** pass: nothing special. Anything else is what the worker gets instead of LXD's answer. */
export type GateDeed = 'pass' | 'hang' | 'drop' | 'error500' | 'garbage' | 'notFound';

export interface GateOptions {
  socket: string;
  target: string;
  /** Before the call reaches LXD; what it answers other than pass keeps it from LXD. */
  before?: (call: GateCall) => Promise<GateDeed> | GateDeed;
  /** What calls that only look get, where it is not LXD's answer. */
  looks?: (path: string) => GateDeed;
  /** After LXD did it; what it answers other than pass replaces LXD's answer. */
  after?: (call: GateCall) => Promise<GateDeed> | GateDeed;
}

export interface Gate {
  /** Calls that changed, or would have changed, something. */
  calls: GateCall[];
  close(): Promise<void>;
}

/** Opens the gate on a socket of its own. */
export async function openGate(options: GateOptions): Promise<Gate> {
  const calls: GateCall[] = [];
  const upgraded = new Set<Duplex>();
  const server = createServer((incoming, response) => {
    const { method = 'GET', url: path = '/' } = incoming;
    // Running `cat` in an instance is a POST that changes nothing, and so is deleting its output.
    const changes = method !== 'GET' && !path.endsWith('/exec') && !path.includes('/logs/');
    const call = { number: calls.length + 1, method, path };
    if (changes) calls.push(call);
    pass(incoming, response, options, changes ? call : undefined).catch(() => incoming.socket.destroy());
  });
  server.on('upgrade', (incoming, stream, head) => {
    if ((options.looks?.(incoming.url ?? '/') ?? 'pass') !== 'pass') {
      stream.destroy();
      return;
    }
    // A websocket is passed on as it comes.
    const on = connect(options.target);
    const lines = [`${incoming.method} ${incoming.url} HTTP/1.1`];
    for (let index = 0; index < incoming.rawHeaders.length; index += 2)
      lines.push(`${incoming.rawHeaders[index]}: ${incoming.rawHeaders[index + 1]}`);
    on.write(`${lines.join('\r\n')}\r\n\r\n`);
    on.write(head);
    on.pipe(stream).pipe(on);
    on.on('error', () => stream.destroy());
    stream.on('error', () => on.destroy()).on('close', () => on.destroy());
    upgraded.add(stream);
    stream.on('close', () => upgraded.delete(stream));
  });
  await new Promise<void>((resolve) => server.listen(options.socket, resolve));
  return {
    calls,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
        for (const stream of upgraded) stream.destroy();
      }),
  };
}

async function pass(
  incoming: IncomingMessage,
  response: ServerResponse,
  options: GateOptions,
  call?: GateCall,
): Promise<void> {
  const body = await bodyOf(incoming);
  const first =
    (await (call === undefined ? options.looks?.(incoming.url ?? '/') : options.before?.(call))) ?? 'pass';
  if (first !== 'pass') return instead(first, incoming, response);
  const answer = await ask(options.target, incoming, body);
  const then = call === undefined ? 'pass' : await (options.after?.(call) ?? 'pass');
  if (then !== 'pass') return instead(then, incoming, response);
  const { etag, 'content-type': type = 'application/json' } = answer.headers;
  response
    .writeHead(answer.status, { 'content-type': type, ...(etag !== undefined && { etag }) })
    .end(answer.body);
}

function instead(deed: Exclude<GateDeed, 'pass'>, incoming: IncomingMessage, response: ServerResponse): void {
  if (deed === 'hang') return;
  if (deed === 'drop') {
    incoming.socket.destroy();
    return;
  }
  if (deed === 'garbage') {
    response.writeHead(200).end('<html>not LXD</html>');
    return;
  }
  const code = deed === 'notFound' ? 404 : 500;
  const error = deed === 'notFound' ? 'Not Found' : 'database is locked';
  response
    .writeHead(code, { 'content-type': 'application/json' })
    .end(JSON.stringify({ type: 'error', error, error_code: code }));
}

async function bodyOf(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function ask(socketPath: string, { method, url, headers }: IncomingMessage, body: Buffer) {
  return new Promise<{ status: number; headers: IncomingMessage['headers']; body: Buffer }>(
    (resolve, reject) => {
      const call = request(
        { socketPath, method, path: url, headers: { ...headers, connection: 'close' } },
        async (answer) => {
          resolve({ status: answer.statusCode ?? 502, headers: answer.headers, body: await bodyOf(answer) });
        },
      );
      call.on('error', reject);
      call.end(body);
    },
  );
}
