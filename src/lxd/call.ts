/** What a call to LXD is, and what the verbs of every noun are built on. */
import type { z } from 'zod';
import type { HttpAnswer, HttpRequest } from './http.ts';
import type { LxdOperation, Tagged } from './types.ts';

/** One call. `doing` says in messages what it is for: `reading forwards of lxdbr0`. */
export interface Call {
  doing: string;
  method: HttpRequest['method'];
  path: string;
  query?: Record<string, string>;
  body?: unknown;
  /** If-Match: the call is refused with lxd_changed when the object is another by now. */
  etag?: string | undefined;
  signal?: AbortSignal | undefined;
  /** Default: the client's. */
  timeoutMs?: number;
  /** Hand back an operation that failed, instead of throwing what it ended with. */
  anyEnd?: boolean;
  /** Most that LXD may take for it in the background; default: the client's. */
  operationTimeoutMs?: number;
  /** Told about the operation every second while it runs. */
  watch?: ((operation: LxdOperation) => unknown) | undefined;
}

/** What of a call is about waiting for its operation. */
export type Patience = Pick<Call, 'doing' | 'signal' | 'anyEnd' | 'operationTimeoutMs' | 'watch'>;

export type Read = Omit<Call, 'method' | 'body' | 'etag' | 'anyEnd' | 'watch'>;

export interface Rest {
  /** Says what was being done, and on which host, in front of the fault that `work` ends with. */
  told<T>(doing: string, work: () => Promise<T>): Promise<T>;
  /** GET of a JSON object. */
  get<T>(schema: z.ZodType<T>, read: Read): Promise<Tagged<T>>;
  /** GET of a file. */
  getFile(read: Read): Promise<HttpAnswer>;
  /**
   * A change, and the wait for its operation where LXD makes one (202); which calls do differs between releases.
   * @returns the finished operation; undefined for a plain answer, and for an operation that LXD forgot meanwhile
   */
  change(call: Call): Promise<LxdOperation | undefined>;
  /** The wait for an operation that somebody else began. @param id of the operation */
  finish(id: string, patience: Patience): Promise<LxdOperation | undefined>;
}
