/** Small blocks, cut to Slack's limits: 3,000 characters a section, 50 blocks a message (Slack, "Block Kit reference"). */
import type { Block } from '../bolt.ts';

const SECTION = 3_000;
const CONTEXT = 2_000;
const BLOCKS = 50;

export function section(text: string): Block {
  return { type: 'section', text: { type: 'mrkdwn', text: cut(text, SECTION) } };
}

export function context(text: string): Block {
  return { type: 'context', elements: [{ type: 'mrkdwn', text: cut(text, CONTEXT) }] };
}

/** Lines as sections, as many in each as fit; the last says how many were left out. */
export function lines(all: readonly string[], most = BLOCKS - 4): Block[] {
  const blocks: Block[] = [];
  let text = '';
  let told = 0;
  for (const line of all.map((each) => cut(each, SECTION))) {
    if (text.length + line.length + 1 > SECTION) {
      blocks.push(section(text));
      text = '';
      if (blocks.length === most) break;
    }
    text += text === '' ? line : `\n${line}`;
    told += 1;
  }
  if (text !== '') blocks.push(section(text));
  if (told < all.length) blocks.push(context(`… and ${all.length - told} more`));
  return blocks;
}

/** A point in time in the reader's own clock; `fallback` where it cannot be shown. Milliseconds since 1970. */
export function clock(at: number, format = '{time}'): string {
  const fallback = new Date(at).toISOString().slice(11, 16);
  return `<!date^${Math.floor(at / 1_000)}^${format}|${fallback} UTC>`;
}

/** For `clock`: the day as well as the time. */
export const DAY = '{date_short_pretty} {time}';

export function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}

/** People by their Slack ids: `<@U0BOB>, <@U0DAVE>`. */
export function mentions(ids: readonly string[]): string {
  return ids.map((id) => `<@${id}>`).join(', ');
}
