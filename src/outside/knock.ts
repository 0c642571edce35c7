/** Knocks on a public address and port from where this process stands, and says what it saw. Changes nothing. */
import { createSocket } from 'node:dgram';
import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import { harmless } from '../core/commands/chat-text.ts';
import type { Knock } from '../core/proof.ts';

export interface KnockAt {
  address: string;
  port: number;
  /** Speak HTTP, with TLS or without; absent: only connect. */
  speak?: 'http' | 'https';
  timeoutMs: number;
}

/** One knock. Never throws: what goes wrong is what was seen. */
export function knock(at: KnockAt): Promise<Knock> {
  return at.speak === undefined ? knockTcp(at) : knockHttp(at, at.speak);
}

/** How long a connection must stay up to count as answered: a proxy without a service behind it hangs up sooner. */
const STAYS_UP_MS = 250;

function knockTcp({ address, port, timeoutMs }: KnockAt): Promise<Knock> {
  return new Promise((resolve) => {
    const begun = performance.now();
    const socket = connect({ host: address, port });
    let connectedMs: number | undefined;
    let timer = setTimeout(() => end({ kind: 'silent' }), timeoutMs);
    const end = (seen: Knock): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(seen);
    };
    socket.on('connect', () => {
      const ms = since(begun);
      connectedMs = ms;
      clearTimeout(timer);
      timer = setTimeout(() => end({ kind: 'open', ms }), STAYS_UP_MS);
    });
    socket.on('data', () => end({ kind: 'open', ms: connectedMs ?? since(begun) }));
    socket.on('end', () => end({ kind: 'hung_up', ms: since(begun) }));
    socket.on('error', (error) =>
      end(connectedMs === undefined ? unanswered(error) : { kind: 'hung_up', ms: since(begun) }),
    );
  });
}

function knockHttp({ address, port, timeoutMs }: KnockAt, speak: 'http' | 'https'): Promise<Knock> {
  return new Promise((resolve) => {
    const begun = performance.now();
    let connected = false;
    const options: RequestOptions & { rejectUnauthorized?: boolean } = {
      host: address,
      port,
      path: '/',
      agent: false,
      headers: { 'user-agent': 'drawbridge', accept: 'text/html,*/*', connection: 'close' },
      // The door is looked at, not trusted: a certificate for another name is an answer all the same.
      ...(speak === 'https' && { rejectUnauthorized: false }),
    };
    const request = (speak === 'https' ? httpsRequest : httpRequest)(options, async (response) => {
      const title = await titleOf(response);
      end({
        kind: 'http',
        status: response.statusCode ?? 0,
        ms: since(begun),
        ...(title !== undefined && { title }),
      });
    });
    const timer = setTimeout(
      () => end(connected ? { kind: 'open', ms: since(begun) } : { kind: 'silent' }),
      timeoutMs,
    );
    const end = (seen: Knock): void => {
      clearTimeout(timer);
      request.destroy();
      resolve(seen);
    };
    request.on('socket', (socket) => socket.once('connect', () => (connected = true)));
    request.on('error', (error) => end(connected ? afterConnect(error, since(begun)) : unanswered(error)));
    request.end();
  });
}

/** Something that speaks, but not HTTP, is open; something that hangs up is not. */
function afterConnect(error: Error & { code?: string }, ms: number): Knock {
  return error.code === 'ECONNRESET' ? { kind: 'hung_up', ms } : { kind: 'open', ms };
}

const MOST_BYTES = 65_536;

/** The title of a page, harmless for chat and log; looks at the first 64 KiB. */
async function titleOf(response: IncomingMessage): Promise<string | undefined> {
  let text = '';
  try {
    for await (const chunk of response) {
      text += String(chunk);
      if (text.length > MOST_BYTES || /<\/title>/i.test(text)) break;
    }
  } catch {
    // What arrived before the connection broke is enough to look for a title in.
  }
  const title = /<title[^>]*>([^<]{1,500})<\/title>/i.exec(text)?.[1];
  return title === undefined ? undefined : harmless(title, 80) || undefined;
}

function unanswered(error: Error & { code?: string }): Knock {
  if (error.code === 'ECONNREFUSED') return { kind: 'refused' };
  if (error.code === 'ETIMEDOUT') return { kind: 'silent' };
  return { kind: 'unreachable', why: error.code ?? error.message };
}

/** The address that this machine would use towards `address`; no packet is sent. undefined where there is no route. */
export function ownAddressTowards(address: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    const end = (found: string | undefined): void => {
      socket.close();
      resolve(found);
    };
    socket.on('error', () => end(undefined));
    socket.connect(9, address, () => end(socket.address().address));
  });
}

function since(begun: number): number {
  return Math.max(1, Math.round(performance.now() - begun));
}
