/** HTTP on the unix socket of the pretended LXD: reads calls, writes answers. */
import { once } from 'node:events';
import { chmod, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { z } from 'zod';
import { messageOf } from '../../errors.ts';
import type { Log } from '../../log.ts';
import { type LxdAnswer, LxdRefused, refused } from './lxd-answer.ts';
import type { LxdEvents } from './lxd-events.ts';
import type { LxdCall } from './lxd-routes.ts';

export interface LxdListener {
  close(): Promise<void>;
}

/** Listens on a socket that only this user may open; one that a process left behind is replaced. */
export async function listenForLxd(
  socket: string,
  answer: (call: LxdCall) => Promise<LxdAnswer>,
  events: LxdEvents,
  log: Pick<Log, 'error'>,
): Promise<LxdListener> {
  const server = createServer(async (request, response) => {
    try {
      write(response, await answer(await callOf(request)));
    } catch (error) {
      if (!(error instanceof LxdRefused) && !(error instanceof z.ZodError))
        log.error({ err: error, path: request.url }, 'the sandbox broke');
      write(response, refusalOf(error));
    }
  });
  server.on('upgrade', (request, stream) => events.follow(request, stream));
  await rm(socket, { force: true });
  server.listen(socket);
  await once(server, 'listening');
  await chmod(socket, 0o600);
  return {
    async close() {
      const closed = once(server, 'close');
      server.close();
      events.stop();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function callOf(request: IncomingMessage): Promise<LxdCall> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://lxd');
  const [, version, ...path] = pathname.split('/').map(decodeURIComponent);
  request.setEncoding('utf8');
  let text = '';
  for await (const chunk of request) text += String(chunk);
  if (version !== '1.0') throw new LxdRefused(404, 'not found');
  return {
    method: request.method ?? 'GET',
    path,
    query: searchParams,
    body: text === '' ? undefined : jsonOf(text),
    ifMatch: request.headers['if-match'],
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new LxdRefused(400, messageOf(error));
  }
}

function refusalOf(error: unknown): LxdAnswer {
  if (error instanceof LxdRefused) return refused(error.status, error.message);
  if (error instanceof z.ZodError) return refused(400, `json: ${z.prettifyError(error)}`);
  return refused(500, messageOf(error));
}

function write(response: ServerResponse, { status, headers, body }: LxdAnswer): void {
  const text = typeof body === 'string' ? body : `${JSON.stringify(body)}\n`;
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(text),
    ...headers,
  });
  response.end(text);
}
