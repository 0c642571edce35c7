/**
 * Slack's requests by HTTP: verified, fresh, and each only once. Bolt's own receiver takes timestamps from the future and
 * replays within five minutes; this one does not.
 */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Log } from '../log.ts';
import { isRedisAway } from '../records/redis.ts';
import type { Seen } from '../records/seen.ts';
import { within } from '../within.ts';
import { type App, HTTPModuleFunctions, HTTPResponseAck, type Receiver, verifySlackRequest } from './bolt.ts';
import { misshapen } from './payload-shape.ts';
import { REDIS_AWAY } from './redis-away.ts';

/** Slack's own limit for the age of a request, seconds (its page "Verifying requests from Slack"). */
export const FRESH_SECONDS = 300;
const MOST_BYTES = 1_000_000;
/** Slack itself waits for three seconds; in milliseconds. */
const PATIENCE_MS = 2_000;

export interface HttpReceiverOptions {
  signingSecret: string;
  /** Remembers signatures for at least twice FRESH_SECONDS. */
  seen: Seen;
  log: Log;
}

/** A receiver without a port of its own, and the listener that the process's HTTP server hands requests to. */
export function createHttpReceiver(options: HttpReceiverOptions): {
  receiver: Receiver;
  listener: RequestListener;
} {
  let app: App | undefined;
  const listener: RequestListener = (request, response) => {
    take(request, response, app, options).catch((error) => {
      options.log.error({ err: error }, 'taking a request of Slack');
      if (!response.headersSent) HTTPModuleFunctions.buildNoBodyResponse(response, 500);
    });
  };
  const receiver: Receiver = {
    init: (created) => {
      app = created;
    },
    start: async () => undefined,
    stop: async () => undefined,
  };
  return { receiver, listener };
}

async function take(
  request: IncomingMessage,
  response: ServerResponse,
  app: App | undefined,
  options: HttpReceiverOptions,
): Promise<void> {
  const { log } = options;
  if (request.method !== 'POST' || app === undefined)
    return HTTPModuleFunctions.buildNoBodyResponse(response, 404);
  const raw = await readBody(request);
  if (raw === undefined) {
    // The rest of the body is not read, so nothing else can come on this connection.
    response.setHeader('connection', 'close');
    return HTTPModuleFunctions.buildNoBodyResponse(response, 413);
  }
  let refused: string | undefined;
  try {
    refused = await refusalOf(request, raw, options);
  } catch (error) {
    if (!isRedisAway(error)) throw error;
    log.warn({ err: error }, 'Redis does not answer, so a request of Slack is not carried out');
    return sayAway(response, bodyOf(raw, request.headers['content-type']));
  }
  if (refused !== undefined) {
    log.warn({ reason: refused }, 'a request to /slack/events was refused');
    return HTTPModuleFunctions.buildNoBodyResponse(response, 401);
  }
  const body = bodyOf(raw, request.headers['content-type']);
  if (body === undefined) return HTTPModuleFunctions.buildNoBodyResponse(response, 400);
  if (body.ssl_check !== undefined) return HTTPModuleFunctions.buildSSLCheckResponse(response);
  if (body.type === 'url_verification')
    return HTTPModuleFunctions.buildUrlVerificationResponse(response, body);
  const wrong = misshapen(body);
  if (wrong !== undefined) {
    log.warn({ wrong }, 'a request to /slack/events is not as Slack makes them');
    return HTTPModuleFunctions.buildNoBodyResponse(response, 400);
  }
  const ack = new HTTPResponseAck({
    logger: options.log as unknown as ConstructorParameters<typeof HTTPResponseAck>[0]['logger'],
    processBeforeResponse: false,
    httpRequest: request,
    httpRequestBody: body,
    httpResponse: response,
  });
  await app.processEvent({ body, ack: ack.bind() });
  // Nobody listens to it, as with a button of an older version: Slack tells the person at once instead of after three seconds.
  if (!response.headersSent) HTTPModuleFunctions.buildNoBodyResponse(response, 404);
}

/** Whoever types a command is told so; events come again, and a button shows that it did not work. */
function sayAway(response: ServerResponse, body: Record<string, unknown> | undefined): void {
  if (typeof body?.command !== 'string') {
    HTTPModuleFunctions.buildNoBodyResponse(response, 503);
    return;
  }
  const text = JSON.stringify({ response_type: 'ephemeral', text: REDIS_AWAY });
  response.writeHead(200, { 'content-type': 'application/json' }).end(text);
}

/** Why a request is not to be carried out; undefined when it is Slack's, fresh and new. */
async function refusalOf(
  { headers }: IncomingMessage,
  raw: string,
  { signingSecret, seen }: HttpReceiverOptions,
): Promise<string | undefined> {
  const [signature, timestamp] = [headers['x-slack-signature'], Number(headers['x-slack-request-timestamp'])];
  if (typeof signature !== 'string' || !Number.isInteger(timestamp)) return 'it is not signed';
  if (timestamp > Date.now() / 1_000 + FRESH_SECONDS) return 'its timestamp is in the future';
  try {
    const signed = { 'x-slack-signature': signature, 'x-slack-request-timestamp': timestamp };
    verifySlackRequest({ signingSecret, body: raw, headers: signed });
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  // Marked only once verified, so that nobody can fill the memory or burn a signature that is still to come.
  return (await within(PATIENCE_MS, seen.first(signature))) ? undefined : 'it was carried out before';
}

async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MOST_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Commands come as a form, clicks as a form with JSON in `payload`, events as JSON. */
function bodyOf(raw: string, type: string | undefined): Record<string, unknown> | undefined {
  try {
    if (type?.startsWith('application/json') === true) return objectOf(JSON.parse(raw));
    const form = Object.fromEntries(new URLSearchParams(raw));
    return typeof form.payload === 'string' ? objectOf(JSON.parse(form.payload)) : form;
  } catch {
    return undefined;
  }
}

function objectOf(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
}
