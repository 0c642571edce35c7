/** HTTP over the streams of a transport, with an end to everything. The only file that knows undici; knows no LXD. */
import { setMaxListeners } from 'node:events';
import type { Socket } from 'node:net';
import { Agent, type Dispatcher, WebSocket } from 'undici';
import { Fault, isFault } from '../errors.ts';
import { connectionFault } from './faults.ts';
import type { Transport } from './transport.ts';

export interface HttpRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With its query, every part encoded. */
  path: string;
  /** Goes out as JSON. */
  body?: unknown;
  headers?: Record<string, string>;
  timeoutMs: number;
  signal?: AbortSignal | undefined;
}

export interface HttpAnswer {
  status: number;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  text: string;
}

export interface HttpStream {
  /** With its query, every part encoded. */
  path: string;
  opened: () => void;
  /** Told each message, in order. */
  heard: (text: string) => void;
  signal: AbortSignal;
}

export interface Http {
  /**
   * @throws Fault lxd_unreachable or lxd_timeout, or what the transport throws; its message is only the cause
   * @throws the signal's reason when the signal ends it
   */
  send(request: HttpRequest): Promise<HttpAnswer>;
  /**
   * Listens to a websocket until the signal ends it.
   * @throws Fault lxd_unreachable when the other side ends it, or it cannot be opened
   */
  follow(stream: HttpStream): Promise<void>;
  close(): Promise<void>;
}

/** Far above any list of instances; a stream that does not end must not fill the memory. */
const MOST_BYTES = 64 * 1024 * 1024;

export function createHttp(transport: Transport): Http {
  const agent = new Agent({
    connections: 8,
    keepAliveTimeout: 30_000,
    maxResponseSize: MOST_BYTES,
    connect: (_options, callback) => {
      transport.open().then(
        // undici needs of a socket what every duplex stream has: tried with ssh2's channels.
        (stream) => callback(null, stream as unknown as Socket),
        (error: Error) => callback(error, null),
      );
    },
  });
  const closing = new AbortController();
  // Every stream listens to it.
  setMaxListeners(0, closing.signal);
  return {
    send: (request) => sendInTime(agent, request),
    follow: (stream) => followOn(agent, stream, closing.signal),
    close: async () => {
      closing.abort();
      await agent.destroy();
      transport.close();
    },
  };
}

/** A websocket takes its connection out of the agent, so it has to be told that the client closes. */
function followOn(
  agent: Agent,
  { path, opened, heard, signal }: HttpStream,
  closing: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const socket = new WebSocket(`ws://lxd${path}`, { dispatcher: agent });
    const either = AbortSignal.any([signal, closing]);
    let cause: unknown = new Error('the stream of events ended');
    const settle = (): void => (signal.aborted ? resolve() : reject(connectionFault(cause)));
    // A host that takes the connection and says nothing does not hold up whoever wants to stop.
    const end = (): void => {
      socket.close();
      settle();
    };
    either.addEventListener('abort', end, { once: true });
    socket.addEventListener('open', () => (either.aborted ? socket.close() : opened()));
    socket.addEventListener('message', ({ data }) => heard(String(data)));
    socket.addEventListener('error', ({ error }) => {
      cause = error ?? cause;
    });
    socket.addEventListener('close', () => {
      either.removeEventListener('abort', end);
      settle();
    });
  });
}

async function sendInTime(agent: Agent, request: HttpRequest): Promise<HttpAnswer> {
  const { signal, timeoutMs } = request;
  signal?.throwIfAborted();
  const end = new AbortController();
  const late = new Fault('lxd_timeout', `no answer within ${timeoutMs} ms`, { retryable: true });
  const timer = setTimeout(() => end.abort(late), timeoutMs);
  const abandon = (): void => end.abort(signal?.reason);
  // However many hosts are asked at once, all calls listen to it.
  if (signal !== undefined) setMaxListeners(0, signal);
  signal?.addEventListener('abort', abandon, { once: true });
  try {
    return await raced(exchange(agent, request, end.signal), end.signal);
  } catch (error) {
    if (end.signal.aborted) throw end.signal.reason;
    throw isFault(error) ? error : connectionFault(error);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abandon);
  }
}

/** undici notices an abort only once a connection stands; whoever waits shall not have to. */
function raced<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    work.then(resolve, reject);
  });
}

async function exchange(agent: Agent, request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
  const answer = await firstAnswer(agent, request, signal);
  return { status: answer.statusCode, headers: answer.headers, text: await answer.body.text() };
}

async function firstAnswer(
  agent: Agent,
  request: HttpRequest,
  signal: AbortSignal,
): Promise<Dispatcher.ResponseData> {
  const { method, path, body, headers = {} } = request;
  const options: Dispatcher.RequestOptions = {
    origin: 'http://lxd',
    path,
    method,
    headers: { ...headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    signal,
    headersTimeout: 0,
    bodyTimeout: 0,
  };
  try {
    return await agent.request(options);
  } catch (error) {
    if (method !== 'GET' || !wasStale(error)) throw error;
    return agent.request(options);
  }
}

/** True when a connection that had served before was closed by the other side instead of answering. */
function wasStale(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false;
  const { code } = error;
  const read = 'socket' in error ? bytesReadOf(error.socket) : undefined;
  if (code === 'UND_ERR_SOCKET') return read !== 0;
  return code === 'ECONNRESET' || code === 'EPIPE';
}

/** undefined for streams that do not count, like SSH channels. */
function bytesReadOf(socket: unknown): number | undefined {
  if (typeof socket !== 'object' || socket === null || !('bytesRead' in socket)) return undefined;
  return typeof socket.bytesRead === 'number' ? socket.bytesRead : undefined;
}
