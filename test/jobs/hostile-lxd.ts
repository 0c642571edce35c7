/** An LXD host that lies: passes calls on to a sandbox host, and puts what the test wants into its answers. */
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';

/** What of an answer is replaced: the strings behind these names, wherever they stand; `error` answers every call with it. */
export type Lie = { keys: ReadonlySet<string>; text: string } | { error: string } | { raw: Answering };
export type Answering = (incoming: IncomingMessage, response: ServerResponse) => void;

export interface HostileLxd {
  /** undefined: tells the truth. */
  lie: Lie | undefined;
  close(): Promise<void>;
}

/** Listens on `socket`; `target` is the socket of a host that tells the truth. */
export async function openHostileLxd(socket: string, target: string): Promise<HostileLxd> {
  const host: HostileLxd = {
    lie: undefined,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  const server = createServer((incoming, response) => {
    const { lie } = host;
    if (lie !== undefined && 'raw' in lie) return lie.raw(incoming, response);
    if (lie !== undefined && 'error' in lie) {
      const error = { type: 'error', error: lie.error, error_code: 400, metadata: null };
      response.writeHead(400, { 'content-type': 'application/json' }).end(JSON.stringify(error));
      return;
    }
    const { method, url: path, headers } = incoming;
    const call = request({ socketPath: target, method, path, headers }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        const { 'content-length': _length, ...rest } = answer.headers;
        response.writeHead(answer.statusCode ?? 502, rest).end(twisted(text, lie));
      });
    });
    call.on('error', () => incoming.socket.destroy());
    incoming.pipe(call);
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  return host;
}

function twisted(text: string, lie: Extract<Lie, { text: string }> | undefined): string {
  if (lie === undefined) return text;
  try {
    return JSON.stringify(twist(JSON.parse(text), lie, undefined));
  } catch {
    return lie.keys.has('file') ? `${text}\n${lie.text}` : text;
  }
}

function twist(value: unknown, lie: Extract<Lie, { text: string }>, key: string | undefined): unknown {
  if (typeof value === 'string') return key !== undefined && lie.keys.has(key) ? lie.text : value;
  if (Array.isArray(value)) return value.map((each) => twist(each, lie, key));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, each]) => {
    // LXD's frame around an answer, and the names of networks inside an instance, keep their names.
    const renamed = lie.keys.has('*name') && name !== 'metadata' && key === 'network' ? lie.text : name;
    return [renamed, twist(each, lie, name)];
  });
  return Object.fromEntries(entries);
}
