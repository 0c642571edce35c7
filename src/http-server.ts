/** The one HTTP server of a process: health, readiness, metrics, and Slack's requests where HTTP is used. */
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Fault, messageOf } from './errors.ts';
import type { Metrics } from './metrics.ts';
import { within } from './within.ts';

export interface HttpOptions {
  /** 0 takes any free port. */
  port: number;
  /** Whether the next free port may be taken instead: only where nobody set the port. */
  orNext: boolean;
  /** What must answer before this process is ready; each throws with the reason. */
  checks: Readonly<Record<string, () => Promise<void>>>;
  metrics: Metrics;
  /** Takes POST /slack/events. */
  slack?: RequestListener;
}

export interface HttpServer {
  port: number;
  close(): Promise<void>;
}

/** @throws Fault port_in_use with what to do */
export async function startHttpServer(options: HttpOptions): Promise<HttpServer> {
  const server = createServer((request, response) => {
    answer(request, response, options).catch((error) => send(response, 500, 'text/plain', messageOf(error)));
  });
  const port = await listen(server, options);
  return {
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
      }),
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { checks, metrics, slack }: HttpOptions,
): Promise<void> {
  const path = (request.url ?? '/').split('?')[0];
  if (path === '/slack/events' && slack !== undefined) return slack(request, response) as undefined;
  if (request.method !== 'GET') return send(response, 405, 'text/plain', 'GET only\n');
  if (path === '/healthz') return send(response, 200, 'text/plain', 'alive\n');
  if (path === '/readyz') return ready(response, checks);
  if (path !== '/metrics')
    return send(response, 404, 'text/plain', 'There are /healthz, /readyz and /metrics.\n');
  const { type, body } = await metrics.text();
  send(response, 200, type, body);
}

async function ready(response: ServerResponse, checks: HttpOptions['checks']): Promise<void> {
  const names = Object.keys(checks);
  const results = await Promise.allSettled(Object.values(checks).map((check) => within(2_000, check())));
  const states = results.map((result) => (result.status === 'fulfilled' ? 'ok' : messageOf(result.reason)));
  const body = Object.fromEntries(names.map((name, index) => [name, states[index]]));
  send(
    response,
    states.every((state) => state === 'ok') ? 200 : 503,
    'application/json',
    `${JSON.stringify(body)}\n`,
  );
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  if (response.headersSent) return;
  response.writeHead(status, { 'content-type': type }).end(body);
}

/** How many ports are tried after the first where the next may be taken. */
const TRIES = 20;

async function listen(
  server: ReturnType<typeof createServer>,
  { port, orNext }: HttpOptions,
): Promise<number> {
  for (let tried = port; ; tried += 1) {
    try {
      return await listenOn(server, tried);
    } catch (error) {
      const used = (error as { code?: string }).code === 'EADDRINUSE';
      if (used && orNext && tried < port + TRIES) continue;
      if (!used) throw error;
      throw new Fault(
        'port_in_use',
        `port ${tried} is in use; stop what listens there or set PORT to a free one`,
        { cause: error },
      );
    }
  }
}

function listenOn(server: ReturnType<typeof createServer>, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}
