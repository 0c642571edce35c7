/** Shows a channel what is new in the audit. How far it was shown is kept, so that nothing is left out whoever delivers next. */
import type { ChainedEntry } from '../../core/audit/audit-chain.ts';
import type { AuditKind } from '../../core/audit/audit-entry.ts';
import type { Records } from '../../records/records.ts';
import type { SlackClient, View } from '../bolt.ts';
import { auditMirrorView, mirrorBeginsView } from '../views/audit-view.ts';

const SHOWN: ReadonlySet<AuditKind> = new Set<AuditKind>([
  'decided',
  'refused',
  'ended',
  'policy_changed',
  'policy_broken',
]);
/** Entries that are read at once, and lines in one message. */
const PAGE = 500;
const MOST_LINES = 30;

export interface MirrorTools {
  client: SlackClient;
  records: Records;
  /** The last touch on every message. */
  dress: (view: View) => View;
}

/** One message at most; where more waits, the channel's lane is rung again, and so keeps its pace. */
export async function deliverAudit(channel: string, tools: MirrorTools): Promise<'sent' | 'nothing'> {
  const { audit, outbox } = tools.records;
  const [from, head] = await Promise.all([audit.mirrored(), audit.head()]);
  if (from === undefined) {
    await post(channel, mirrorBeginsView(head), tools);
    await audit.setMirrored(head.count);
    return 'sent';
  }
  const read = await audit.after(from, PAGE);
  const shown = read.filter(({ kind }) => SHOWN.has(kind)).slice(0, MOST_LINES);
  const last = lastOf(read, shown);
  if (last === undefined) return 'nothing';
  if (shown.length > 0)
    await post(channel, auditMirrorView(shown, { count: last.seq, hash: last.hash }), tools);
  await audit.setMirrored(last.seq);
  if (last.seq < head.count) await outbox.add(channel, { kind: 'audit', channel });
  return shown.length > 0 ? 'sent' : 'nothing';
}

/** A full message ends with its last line, for what comes behind it is not shown yet. */
function lastOf(read: readonly ChainedEntry[], shown: readonly ChainedEntry[]): ChainedEntry | undefined {
  return shown.length === MOST_LINES ? shown.at(-1) : read.at(-1);
}

async function post(channel: string, view: View, { client, dress }: MirrorTools): Promise<void> {
  await client.chat.postMessage({ channel, ...dress(view), unfurl_links: false });
}
