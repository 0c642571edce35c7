/** What the jobs of each queue carry, checked whole before they run. */
import { z } from 'zod';
import type { LookCommand } from './core/request.ts';

export const QUEUE_NAMES = ['plan', 'apply', 'look', 'sweep', 'reconcile'] as const;
export type QueueName = (typeof QUEUE_NAMES)[number];

const requestPayload = z.strictObject({ request: z.string().regex(/^req-[a-z0-9]{1,60}$/) });
const applyPayload = requestPayload.extend({ fingerprint: z.string().regex(/^[0-9a-f]{32}$/) });
/** Every look that there is: the compiler misses one that is new. */
const LOOKS: Readonly<Record<LookCommand['action'], true>> = {
  list: true,
  info: true,
  logs: true,
  hosts: true,
  doctor: true,
  why: true,
  plan: true,
  policy: true,
};
/** An id of Slack's, or the time of a message. */
const slackId = z.string().max(100);
const lookPayload = z.strictObject({
  command: z.custom<LookCommand>(
    (value) =>
      typeof value === 'object' &&
      value !== null &&
      'action' in value &&
      Object.hasOwn(LOOKS, String(value.action)),
  ),
  user: slackId,
  groups: z.array(slackId).optional(),
  channel: slackId,
  thread: slackId.exactOptional(),
});
/** Looks for an open form: at the hosts, or into one instance. */
const formPayload = z.strictObject({
  form: z.string().regex(/^\w{1,100}$/),
  instance: z.strictObject({ host: z.string(), instance: z.string() }).exactOptional(),
});
export type LookPayload = z.infer<typeof lookPayload>;
export type FormPayload = z.infer<typeof formPayload>;

/** What each queue's jobs carry: ids and validated data, never secrets. */
export const PAYLOADS = {
  plan: requestPayload,
  apply: applyPayload,
  look: z.union([lookPayload, formPayload]),
  sweep: z.strictObject({}),
  /** One host, or everything. */
  // A hint asks for a look only where there is a door that can be compared.
  reconcile: z.strictObject({ host: z.string().exactOptional(), hint: z.literal(true).exactOptional() }),
} as const;
export type Payloads = { [Name in QueueName]: z.infer<(typeof PAYLOADS)[Name]> };
