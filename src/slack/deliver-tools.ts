/** What everything that speaks to Slack is given to work with, and how a delivery ends. */
import type { Policy } from '../core/policy.ts';
import type { Records } from '../records/records.ts';
import type { Dress, SlackClient } from './bolt.ts';
import type { People } from './people.ts';

export interface DeliverTools {
  client: SlackClient;
  records: Records;
  /** As it is now. */
  policy: () => Policy;
  /** The last touch on every message. */
  dress: Dress;
  people: People;
}

/**
 * sent: Slack took it. nothing: there was nothing new to say. laterMs: it is too early, and Slack was not asked.
 * Troubles are thrown as Slack's SDK throws them.
 */
export type Delivered = 'sent' | 'nothing' | { laterMs: number };
