/** The fields of the form behind `expose` as the text of that command, or what was not understood in which field. Pure. */

import { isRefusal, type Refusal, refuse } from '../refusal.ts';
import type { Command } from '../request.ts';
import type { Networks } from '../sources.ts';
import type { Clock } from '../until.ts';
import { plainText } from './chat-text.ts';
import { parseCommand } from './command.ts';
import { splitWords } from './command-words.ts';
import { buildExpose } from './expose-commands.ts';
import { GRAMMARS } from './grammar.ts';

/** As chosen or typed, not cleaned; empty where nothing was. */
export interface ExposeFields {
  instance: string;
  port: string;
  as: string;
  /** Names and networks, by blanks or commas. */
  from: string;
  via: string;
  for: string;
  because: string;
}

export type FieldName = keyof ExposeFields;

export type ExposeText =
  | { text: string; command: Command }
  /** What was not understood, in one field. */
  | { field: FieldName; refusal: Refusal };

const CLAUSE_FIELDS = ['as', 'from', 'via', 'for', 'because'] as const;
const WHAT: Partial<Record<FieldName, string>> = {
  instance: 'The name of an instance',
  port: 'A port',
  as: 'The public side',
};
/** As much of a reason as is kept. */
const REASON = 300;

/** The text grows field by field and is read each time by the command's own parser: the field that stops it is to blame. */
export function exposeText(fields: ExposeFields, networks: Networks, clock?: Clock): ExposeText {
  const missing = missingIn(fields) ?? manyWords(fields);
  if (missing !== undefined) return missing;
  const stages = stagesOf(fields);
  for (const { field, text } of stages) {
    const refusal = refusalOf(text, networks, clock);
    if (refusal !== undefined) return { field, refusal };
  }
  const text = `expose ${stages.at(-1)?.text ?? ''}`;
  const command = parseCommand(text, networks, clock);
  return isRefusal(command) ? { field: 'instance', refusal: command } : { text, command };
}

/** The text behind `expose` up to each field. Any port will do to see whether the instance is understood. */
function stagesOf(fields: ExposeFields): { field: FieldName; text: string }[] {
  const instance = asDelivered(fields.instance.trim());
  let text = `${instance} ${asDelivered(fields.port.trim())}`;
  const stages: { field: FieldName; text: string }[] = [
    { field: 'instance', text: `${instance} 80` },
    { field: 'port', text },
  ];
  for (const field of CLAUSE_FIELDS) {
    const value = clauseValue(field, fields);
    if (value === '') continue;
    text = `${text} ${field} ${asDelivered(value)}`;
    stages.push({ field, text });
  }
  return stages;
}

function missingIn({ instance, port }: ExposeFields): ExposeText | undefined {
  if (instance.trim() === '')
    return { field: 'instance', refusal: refuse('not_understood', 'Which instance?') };
  if (port.trim() === '') return { field: 'port', refusal: refuse('not_understood', 'Which port?') };
  return undefined;
}

/** Behind a blank other clauses would begin. */
function manyWords(fields: ExposeFields): ExposeText | undefined {
  const field = (['instance', 'port', 'as'] as const).find((name) => /\s/.test(plainText(fields[name])));
  if (field === undefined) return undefined;
  return { field, refusal: refuse('not_understood', `${WHAT[field]} is one word.`) };
}

function clauseValue(field: (typeof CLAUSE_FIELDS)[number], fields: ExposeFields): string {
  const value = fields[field].trim();
  if (field === 'from')
    return value
      .split(/[\s,;]+/)
      .filter((piece) => piece !== '')
      .join(',');
  if (field !== 'because') return value;
  // Quotes in front would end the reason where they close.
  const reason = value.replace(/\s+/g, ' ').replace(/^["'“”„‘’‚«»`\s]+/, '');
  return reason.slice(0, REASON).trim();
}

/** Commands come with these escaped; what is typed into a form does not (Slack, "Formatting text for app surfaces"). */
function asDelivered(value: string): string {
  return value.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}

function refusalOf(text: string, networks: Networks, clock?: Clock): Refusal | undefined {
  const words = splitWords(plainText(text), GRAMMARS.expose);
  if (isRefusal(words)) return words;
  const command = buildExpose(words, networks, clock);
  return isRefusal(command) ? command : undefined;
}
