/** The fake cloud's HTTP: takes requests apart, sends replies. */

import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { misanswer, type Wrong } from './faults.ts';
import type { Heard, Service } from './wire.ts';

export interface Listening {
  url: string;
  stop(): Promise<void>;
}

const PREFIX = /^\/(?:(identity)\/v3|(compute)\/v2\.1|(image)\/v2|(network)\/v2\.0)(\/.*)$/;

export async function listenFor(
  answer: (heard: Heard) => Promise<Wrong>,
  tls: { key: string; cert: string } | undefined,
): Promise<Listening> {
  const listener: RequestListener = async (request, response) => {
    const heard = await heardFrom(request);
    const reply = heard === undefined ? { status: 404 } : await answer(heard);
    if (reply === 'hang') return;
    if (typeof reply === 'string') return misanswer(response, reply);
    const id = heard?.service === 'compute' ? 'X-Compute-Request-Id' : 'X-Openstack-Request-Id';
    const type = reply.body === undefined ? {} : { 'Content-Type': 'application/json' };
    response.writeHead(reply.status, { [id]: `req-${randomUUID()}`, ...type, ...reply.headers });
    response.end(reply.body === undefined ? undefined : JSON.stringify(reply.body));
  };
  const server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** undefined where no service lives. */
async function heardFrom(request: IncomingMessage): Promise<Heard | undefined> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://cloud');
  const [, ...parts] = PREFIX.exec(pathname) ?? [];
  const path = parts.pop();
  const service = parts.find((part) => part !== undefined) as Service | undefined;
  if (service === undefined || path === undefined) return undefined;
  const text = Buffer.concat(chunks).toString();
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
  );
  const body: unknown = text === '' ? undefined : JSON.parse(text);
  return { service, method: request.method ?? '', path, query: searchParams, headers, body };
}
