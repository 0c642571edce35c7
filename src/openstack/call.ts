/** What a call to a cloud is, and what the verbs of every noun are built on. */
import type { z } from 'zod';
import type { Outgoing } from './answer.ts';
import type { ServiceType } from './catalogue.ts';

/** One call. `doing` says in messages what it is for: `reading port 3f1…`. */
export interface Call {
  doing: string;
  service: ServiceType;
  method: Outgoing['method'];
  /** Segments, as they are: they are encoded on the way out. */
  path: readonly string[];
  query?: Readonly<Record<string, string>> | undefined;
  body?: object;
  /** If-Match: the call is refused with openstack_changed when the object is another by now (Network API, "Revisions"). */
  revision?: number;
  /** Besides GET: may be made again whatever became of it, for it changes nothing, or sets what may be set already. */
  repeatable?: boolean;
  signal?: AbortSignal | undefined;
}

export type Read = Omit<Call, 'method' | 'body' | 'revision' | 'repeatable'>;

export interface Rest {
  /** Says what was being done, and in which cloud, in front of the fault that `work` ends with. */
  told<T>(doing: string, work: () => Promise<T>): Promise<T>;
  get<T>(schema: z.ZodType<T>, read: Read): Promise<T>;
  /** undefined where there is none. */
  find<T>(schema: z.ZodType<T>, read: Read): Promise<T | undefined>;
  /** All pages. @param key under which the answer has the list */
  list<T>(key: string, schema: z.ZodType<T>, read: Read): Promise<T[]>;
  /** A change whose answer is read. */
  change<T>(schema: z.ZodType<T>, call: Call): Promise<T>;
  /** A change whose answer says nothing. */
  act(call: Call): Promise<void>;
  /** DELETE; nothing where there is nothing. */
  remove(call: Omit<Call, 'method'>): Promise<void>;
  projectId(signal?: AbortSignal): Promise<string>;
  renew(signal?: AbortSignal): Promise<void>;
}
