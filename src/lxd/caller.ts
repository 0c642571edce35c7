/** One call to LXD: the answer read and checked, operations waited for, errors as faults. */
import type { z } from 'zod';
import { Fault } from '../errors.ts';
import { faultOfStatus } from './faults.ts';
import type { Http, HttpAnswer, HttpCall } from './http.ts';
import { envelope, type LxdOperation, operation } from './schemas.ts';

export interface CallerOptions {
  host: string;
  http: Http;
  project?: string;
  /** For one answer; operations may take OPERATION_MS. */
  timeoutMs: number;
}

/** How long an operation may take. Adding a device or stopping a small container takes well under a second. */
const OPERATION_MS = 60_000;

type Envelope = z.infer<typeof envelope>;
type Change = { method: 'POST' | 'PUT' | 'PATCH' | 'DELETE'; path: string; body?: unknown; etag?: string };

export type Caller = ReturnType<typeof createCaller>;

/** What all verbs share. Paths begin behind `/1.0`. */
export function createCaller({ host, http, project, timeoutMs }: CallerOptions) {
  const full = (path: string): string => {
    if (project === undefined) return `/1.0${path}`;
    return `/1.0${path}${path.includes('?') ? '&' : '?'}project=${encodeURIComponent(project)}`;
  };

  async function send(
    doing: string,
    call: Omit<HttpCall, 'timeoutMs' | 'doing'>,
    ms = timeoutMs,
  ): Promise<HttpAnswer> {
    return http.call({ ...call, timeoutMs: ms, doing: `${doing} on ${host}` });
  }

  function read(doing: string, answer: HttpAnswer): Envelope {
    const parsed = envelope.safeParse(jsonOf(answer.text));
    if (!parsed.success) throw garbled(`${doing} on ${host}`, answer);
    const said = parsed.data;
    if (said.type !== 'error') return said;
    throw faultOfStatus(`${doing} on ${host}`, said.error_code ?? answer.status, said.error ?? '');
  }

  async function waitFor(
    doing: string,
    path: string,
    signal?: AbortSignal,
  ): Promise<LxdOperation | undefined> {
    const wait = `${path}/wait?timeout=${OPERATION_MS / 1_000}`;
    const call = { method: 'GET', path: wait, ...(signal && { signal }) } as const;
    const answer = await send(doing, call, OPERATION_MS + timeoutMs);
    // Operations vanish about five seconds after they end (measured on 5.0.2): one that is gone has ended.
    if (answer.status === 404) return undefined;
    const done = operation.safeParse(read(doing, answer).metadata);
    if (!done.success) throw garbled(`${doing} on ${host}`, answer);
    return done.data;
  }

  return {
    host,
    full,
    send,

    /** GET, checked against the schema. */
    async get<T>(
      doing: string,
      path: string,
      schema: z.ZodType<T>,
      signal?: AbortSignal,
    ): Promise<{ value: T; etag: string }> {
      const answer = await send(doing, { method: 'GET', path: full(path), ...(signal && { signal }) });
      const parsed = schema.safeParse(read(doing, answer).metadata);
      if (!parsed.success) throw garbled(`${doing} on ${host}`, answer, parsed.error);
      return { value: parsed.data, etag: answer.etag ?? '' };
    },

    /** A change, done when this answers, whether LXD does it at once or as an operation. The operation, where there was one. */
    async change(
      doing: string,
      { path, ...rest }: Change,
      signal?: AbortSignal,
    ): Promise<LxdOperation | undefined> {
      const answer = await send(doing, { ...rest, path: full(path), ...(signal && { signal }) });
      const said = read(doing, answer);
      if (said.type !== 'async' || said.operation === undefined) return undefined;
      const done = await waitFor(doing, said.operation.split('?')[0] ?? said.operation, signal);
      // 200 is Success; anything below is still running (LXD, "Status codes").
      if (done === undefined || done.status_code === 200) return done;
      if (done.status_code < 200)
        throw new Fault('lxd_timeout', `${doing} on ${host}: still running`, { retryable: true });
      throw faultOfStatus(`${doing} on ${host}`, 500, done.err);
    },
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function garbled(doing: string, { status, text }: HttpAnswer, cause?: unknown): Fault {
  const begin = text.slice(0, 80).replace(/\s+/g, ' ');
  return new Fault('lxd_garbled', `${doing}: the answer (${status}) is not LXD’s: ${begin || 'empty'}`, {
    retryable: true,
    cause,
  });
}
