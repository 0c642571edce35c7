/** What all of OpenStack's REST APIs have in common: errors, pages, removal of what is gone. Knows none of their nouns. */
import { z } from 'zod';
import { Fault, isFault } from '../errors.ts';
import type { Answer } from './answer.ts';
import type { Call, Read, Rest } from './call.ts';
import { answerFault, whileDoing } from './faults.ts';
import { type RetryPolicy, withRetries } from './retry.ts';
import type { Session } from './session.ts';

export interface RestOptions {
  session: Session;
  /** Name of the cloud, for messages. */
  cloud: string;
  retry: RetryPolicy;
  /** Cuts out what must not be shown. */
  hide: (text: string) => string;
}

/** A list that does not end is no list. */
const MOST_PAGES = 1000;

export function createRest({ session, cloud, retry, hide }: RestOptions): Rest {
  const told = async <T>(doing: string, work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      if (!isFault(error)) throw error;
      const { code, message, retryable, cause } = whileDoing(`${doing} in cloud ${cloud}`, error);
      throw new Fault(code, hide(message), { retryable, cause });
    }
  };

  const send = async (call: Call): Promise<Answer> => {
    const { service, method, body, signal, repeatable = method === 'GET', revision } = call;
    const headers = {
      ...(revision !== undefined && { 'If-Match': `revision_number=${revision}` }),
    };
    const answer = await withRetries({ policy: retry, repeatable, signal }, () =>
      session.send({ service, method, path: pathOf(call), headers, ...(body && { body }), signal }),
    );
    if (answer.status < 200 || answer.status >= 300) throw answerFault(answer);
    return answer;
  };

  const get = async <T>(schema: z.ZodType<T>, read: Read): Promise<T> =>
    parseAs(schema, (await send({ ...read, method: 'GET' })).body);

  const list = async <T>(key: string, schema: z.ZodType<T>, read: Read): Promise<T[]> => {
    const found: T[] = [];
    let query = read.query;
    for (let page = 1; page <= MOST_PAGES; page += 1) {
      const { body } = await send({ ...read, query, method: 'GET' });
      const { items, next } = pageOf(key, z.array(schema), body);
      found.push(...items);
      if (next === undefined) return found;
      if (next.marker !== undefined && next.marker === query?.marker) break;
      query = { ...read.query, ...next };
    }
    throw new Fault('openstack_garbled', 'the list’s pages do not come to an end');
  };

  return {
    told,
    get: (schema, read) => told(read.doing, () => get(schema, read)),
    find: (schema, read) => told(read.doing, () => orUndefined(get(schema, read))),
    list: (key, schema, read) => told(read.doing, () => list(key, schema, read)),
    change: (schema, call) => told(call.doing, async () => parseAs(schema, (await send(call)).body)),
    act: (call) =>
      told(call.doing, async () => {
        await send(call);
      }),
    remove: (call) =>
      told(call.doing, async () => {
        await orUndefined(send({ ...call, method: 'DELETE' }));
      }),
    projectId: (signal) => session.projectId(signal),
    renew: (signal) => told('checking the services', () => session.renew(signal)),
  };
}

function pathOf({ path, query }: Pick<Call, 'path' | 'query'>): string {
  const search = new URLSearchParams(query).toString();
  const whole = path.map((segment) => `/${encodeURIComponent(segment)}`).join('');
  return search === '' ? whole : `${whole}?${search}`;
}

/** @throws Fault openstack_garbled */
function parseAs<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const first = parsed.error.issues[0];
  const where =
    body === undefined ? 'it is empty' : `${first?.path.join('.') || 'the answer'}: ${first?.message}`;
  throw new Fault('openstack_garbled', `the answer has not the shape of the service’s (${where})`, {
    retryable: true,
  });
}

/**
 * One page and what leads to the next: `<things>_links` with rel "next" (Compute and Network API, "Paginated collections"), or
 * `next` (Image API). Only the query of that link is used: its address is the service's own idea of where it is.
 */
function pageOf<T>(
  key: string,
  schema: z.ZodType<T[]>,
  body: unknown,
): { items: T[]; next: Record<string, string> | undefined } {
  const links = z.array(z.looseObject({ rel: z.string(), href: z.string() })).optional();
  const page = parseAs(
    z.object({ [key]: schema, [`${key}_links`]: links, next: z.string().optional() }),
    body,
  );
  const items = page[key] as T[];
  const named = (page[`${key}_links`] as z.infer<typeof links>)?.find(({ rel }) => rel === 'next')?.href;
  const href = named ?? (page.next as string | undefined);
  if (href === undefined || items.length === 0) return { items, next: undefined };
  return { items, next: Object.fromEntries(new URL(href, 'http://cloud').searchParams) };
}

async function orUndefined<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (isFault(error, 'openstack_not_found')) return undefined;
    throw error;
  }
}
