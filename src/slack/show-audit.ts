/** Shows the audit to one person: a page of it, or as a file in a direct message. */

import type { ChainedEntry } from '../core/audit/audit-chain.ts';
import { type ExportFormat, exportHeader, exportLine } from '../core/audit/audit-export.ts';
import type { AuditCommand } from '../core/audit/audit-query.ts';
import { auditInWords } from '../core/commands/audit-command.ts';
import { refuse } from '../core/refusal.ts';
import { troubleOf, type View } from './bolt.ts';
import type { CommandTools } from './command-tools.ts';
import { refusalView, textView } from './views/answer-view.ts';
import { auditPageView } from './views/audit-view.ts';

/** As many entries as one reads at once. */
const PAGE = 25;
/** More than this is for the command line, which does not hold them in memory. */
const MOST_IN_FILE = 100_000;

/** The newest entries that fit, or a word on the file. */
export async function showAudit(command: AuditCommand, user: string, tools: CommandTools): Promise<View> {
  const { of, since, before, as } = command;
  const found = await tools.records.audit.search({
    ...(of !== undefined && { of }),
    ...(since !== undefined && { since: 'ago' in since ? Date.now() - since.ago * 1_000 : since.at }),
    ...(before !== undefined && { before }),
    most: as === undefined ? PAGE : MOST_IN_FILE,
  });
  if (as === undefined || found.entries.length === 0) return auditPageView(found, command);
  const trouble = await send(found.entries.reverse(), command, as, user, tools);
  if (trouble !== undefined) return trouble;
  const count = `${found.entries.length} ${found.entries.length === 1 ? 'entry' : 'entries'}`;
  const rest = found.more ? ' Older ones are left out: `npm run audit -- export` has them all.' : '';
  return textView(`:page_facing_up: I sent you ${count} as a file in a direct message.${rest}`);
}

/** Undefined when Slack took it. */
async function send(
  entries: readonly ChainedEntry[],
  command: AuditCommand,
  as: ExportFormat,
  user: string,
  { client }: CommandTools,
): Promise<View | undefined> {
  const content = exportHeader(as) + entries.map((entry) => exportLine(entry, as)).join('');
  const name = `audit-${entries[0]?.seq}-${entries.at(-1)?.seq}.${as === 'json' ? 'jsonl' : 'csv'}`;
  try {
    const { channel } = await client.conversations.open({ users: user });
    await client.files.uploadV2({
      channel_id: channel?.id ?? user,
      filename: name,
      title: name,
      content,
      initial_comment: `\`/lxd ${auditInWords(command)}\``,
    });
    return undefined;
  } catch (error) {
    const trouble = troubleOf(error);
    if (trouble.kind !== 'refused' || trouble.error !== 'missing_scope') throw error;
    const next =
      'Whoever keeps the Slack app can add them, as docs/slack-app-manifest.yaml has them, and install it again.';
    return refusalView(
      refuse('not_permitted', 'The app may not send files: it lacks `files:write` or `im:write`.', next),
    );
  }
}
