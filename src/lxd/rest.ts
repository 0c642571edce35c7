/** LXD's REST conventions: the envelope, ETags, background operations, errors. Knows none of LXD's nouns. */
import type { z } from 'zod';
import { Fault, isFault, plainWords } from '../errors.ts';
import type { Call, Patience, Read, Rest } from './call.ts';
import { answerFault, whileDoing } from './faults.ts';
import type { Http, HttpAnswer } from './http.ts';
import { throwIfFailed, waitForOperation } from './operations.ts';
import { envelope } from './schemas.ts';
import type { Tagged } from './types.ts';

export interface RestOptions {
  http: Http;
  /** Name of the host, for messages. */
  host: string;
  project: string | undefined;
  timeoutMs: number;
  operationTimeoutMs: number;
}

export function createRest(options: RestOptions): Rest {
  const send = async (call: Call): Promise<HttpAnswer> => {
    const query = { ...(options.project !== undefined && { project: options.project }), ...call.query };
    const search = new URLSearchParams(query).toString();
    const answer = await options.http.send({
      method: call.method,
      path: search === '' ? call.path : `${call.path}?${search}`,
      ...(call.body !== undefined && { body: call.body }),
      ...(call.etag !== undefined && { headers: { 'if-match': call.etag } }),
      timeoutMs: call.timeoutMs ?? options.timeoutMs,
      signal: call.signal,
    });
    if (answer.status >= 400) throw answerFault(answer.status, errorTextOf(answer));
    return answer;
  };

  const told = async <T>(doing: string, work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw isFault(error) ? whileDoing(`${doing} on ${options.host}`, error) : error;
    }
  };

  const get = async <T>(schema: z.ZodType<T>, read: Read): Promise<Tagged<T>> => {
    const answer = await send({ ...read, method: 'GET' });
    const etag = answer.headers.etag;
    return {
      value: parseAs(schema, open(answer).metadata),
      etag: typeof etag === 'string' ? etag : undefined,
    };
  };

  const finish = async (path: string, patience: Patience) => {
    const timeoutMs = patience.operationTimeoutMs ?? options.operationTimeoutMs;
    const ended = await waitForOperation({ get, path, patience, timeoutMs });
    if (ended !== undefined && patience.anyEnd !== true) throwIfFailed(ended);
    return ended;
  };

  return {
    told,
    get: (schema, read) => told(read.doing, () => get(schema, read)),
    getFile: (read) => told(read.doing, () => send({ ...read, method: 'GET' })),
    change: (call) =>
      told(call.doing, async () => {
        const { type, operation } = open(await send(call));
        return type === 'async' ? finish(operation, call) : undefined;
      }),
    finish: (id, patience) => told(patience.doing, () => finish(pathOf('operations', id), patience)),
  };
}

/** @throws Fault lxd_garbled */
export function parseAs<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const first = parsed.error.issues[0];
  const where =
    first === undefined
      ? ''
      : `${plainWords(first.path.join('.')).slice(0, 100) || 'the answer'}: ${first.message}`;
  throw new Fault('lxd_garbled', `the answer has not the shape of LXD's (${where})`, {
    retryable: true,
  });
}

/** A path from its parts, each encoded: names come from outside. */
export function pathOf(...segments: string[]): string {
  return `/1.0/${segments.map(encodeURIComponent).join('/')}`;
}

function open(answer: HttpAnswer): z.infer<typeof envelope> {
  return parseAs(envelope, jsonOf(answer.text));
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // What the parser says quotes the answer.
    throw new Fault('lxd_garbled', 'the answer is not JSON', { retryable: true });
  }
}

/** LXD's text in an answer with an error status; what something in between said counts too, cut short. */
function errorTextOf({ text }: HttpAnswer): string {
  try {
    const parsed = envelope.safeParse(JSON.parse(text));
    if (parsed.success) return parsed.data.error.trim();
  } catch {
    // Not JSON: a proxy's page, or nothing. The text itself is the best there is.
  }
  return text.replace(/\s+/g, ' ').trim().slice(0, 200);
}
