/** What the policy says of a command, before anybody asks for it. Pure. */
import type { Answer } from '../../core/answer.ts';
import { harmless } from '../../core/commands/chat-text.ts';
import type { Ruling } from '../../core/rules/ruling.ts';
import type { View } from '../bolt.ts';
import { howMany } from './approval-line.ts';
import { context, cut, lines } from './block-texts.ts';
import { summaryOf } from './plan-view.ts';

/** The answer to `/lxd policy …`. */
export function policyView({ command, plan, ruling, approvers }: Extract<Answer, { kind: 'policy' }>): View {
  const rows = [
    `*Policy*: \`${command}\` ${summaryOf(plan, true)}`,
    rulingLine(ruling),
    ...(ruling.end === 'approve' ? deciders(ruling, approvers) : []),
  ];
  return {
    text: cut(rows.join('\n'), 3_000),
    blocks: [
      ...lines(rows, 40),
      context(`For you, here and now. Nothing was changed; \`/lxd ${command}\` asks for it.`),
    ],
  };
}

/** One line: whether it goes, and why. */
export function rulingLine(ruling: Ruling): string {
  const by = ruling.rule === undefined ? '' : ` (rule “${harmless(ruling.rule, 80)}”)`;
  const why = `${harmless(ruling.why, 500)}${by}.`;
  switch (ruling.end) {
    case 'allow':
      return `It needs no approval: ${why}`;
    case 'refuse':
      return `:no_entry_sign: It is refused: ${why}`;
    case 'approve':
      return `It needs approval${howMany(ruling.need)}: ${why}`;
  }
}

function deciders({ need }: Extract<Ruling, { end: 'approve' }>, approvers: string): string[] {
  const own = need.own ? 'You may be one of them.' : 'You may not approve it yourself.';
  const minutes = Math.round(need.waitSeconds / 60);
  const later =
    need.escalate === undefined
      ? ''
      : ` After ${Math.round(need.escalate.afterSeconds / 60)} min also ${need.escalate.to.join(', ')}.`;
  return [
    `Could approve it: ${approvers || 'nobody: the policy names no approvers'}.${later} ${own}`,
    `It would wait for ${minutes} min, then expire.`,
  ];
}
