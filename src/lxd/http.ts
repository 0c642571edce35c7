/** HTTP towards LXD. The only file that knows undici; knows nothing of LXD's nouns. */
import type { Duplex } from 'node:stream';
import { connect as tlsConnect } from 'node:tls';
import { Agent, type buildConnector, request } from 'undici';
import { faultOfConnection } from './faults.ts';

/** How to get a connection. `open` is asked whenever a new one is needed. */
export type Wire =
  | { kind: 'socket'; path: string }
  | { kind: 'stream'; open: () => Promise<Duplex>; close: () => void }
  | {
      kind: 'tls';
      origin: string;
      certificate: string;
      key: string;
      verify: (fingerprint: string) => Error | undefined;
    };

export interface HttpCall {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  path: string;
  body?: unknown;
  etag?: string;
  /** Milliseconds for the whole call. */
  timeoutMs: number;
  signal?: AbortSignal;
  /** What is being done, for the fault. */
  doing: string;
}

export interface HttpAnswer {
  status: number;
  etag?: string;
  text: string;
}

export interface Http {
  call(call: HttpCall): Promise<HttpAnswer>;
  close(): Promise<void>;
}

/** Connections kept alive side by side; LXD serialises little, sshd allows any number of stream channels. */
const CONNECTIONS = 8;

/** One agent for one host. A GET whose kept connection turned out to be dead is asked once more. */
export function createHttp(wire: Wire): Http {
  const agent = agentOf(wire);
  const origin = wire.kind === 'tls' ? wire.origin : 'http://lxd';

  async function once(call: HttpCall): Promise<HttpAnswer> {
    const timeout = AbortSignal.timeout(call.timeoutMs);
    const signal = call.signal === undefined ? timeout : AbortSignal.any([call.signal, timeout]);
    const headers = {
      ...(call.body !== undefined && { 'content-type': 'application/json' }),
      ...(call.etag !== undefined && { 'if-match': call.etag }),
    };
    const body = call.body === undefined ? null : JSON.stringify(call.body);
    const response = await request(`${origin}${call.path}`, {
      dispatcher: agent,
      method: call.method,
      headers,
      body,
      signal,
    });
    const text = await response.body.text();
    const { etag } = response.headers;
    return { status: response.statusCode, text, ...(typeof etag === 'string' && { etag }) };
  }

  return {
    async call(call) {
      try {
        return await once(call).catch((error) => {
          if (call.method === 'GET' && wasStale(error)) return once(call);
          throw error;
        });
      } catch (error) {
        call.signal?.throwIfAborted();
        throw faultOfConnection(call.doing, error);
      }
    },
    async close() {
      await agent.destroy();
      if (wire.kind === 'stream') wire.close();
    },
  };
}

function wasStale(error: unknown): boolean {
  const { code } = error as { code?: string };
  return code === 'UND_ERR_SOCKET' || code === 'ECONNRESET';
}

function agentOf(wire: Wire): Agent {
  const common = { connections: CONNECTIONS, pipelining: 1, keepAliveTimeout: 30_000 };
  if (wire.kind === 'socket')
    return new Agent({ ...common, connect: { socketPath: wire.path, timeout: 5_000 } });
  return new Agent({ ...common, connect: wire.kind === 'stream' ? overStream(wire.open) : overTls(wire) });
}

/** A channel of ssh2 is a duplex stream; undici works with it as it is (measured with ssh2 1.17 and undici 7.30). */
function overStream(open: () => Promise<Duplex>): buildConnector.connector {
  return (_options, callback) => {
    open().then(
      (stream) => callback(null, stream as Parameters<typeof callback>[1] & object),
      (error) => callback(error, null),
    );
  };
}

/** LXD's certificates are self-signed: the pin is checked in place of a chain. */
function overTls({ certificate, key, verify }: Extract<Wire, { kind: 'tls' }>): buildConnector.connector {
  return ({ hostname, port }, callback) => {
    const socket = tlsConnect({
      host: hostname,
      port: Number(port),
      cert: certificate,
      key,
      rejectUnauthorized: false,
    });
    const timer = setTimeout(
      () => socket.destroy(Object.assign(new Error('no TLS in time'), { name: 'TimeoutError' })),
      5_000,
    );
    socket.once('error', (error) => {
      clearTimeout(timer);
      callback(error, null);
    });
    socket.once('secureConnect', () => {
      clearTimeout(timer);
      const { fingerprint256 = '' } = socket.getPeerCertificate();
      const refused = verify(fingerprint256.replaceAll(':', '').toLowerCase());
      if (refused === undefined) return callback(null, socket);
      socket.destroy();
      return callback(refused, null);
    });
  };
}
