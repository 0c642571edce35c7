/** What a chat client does to what people type, undone. */

const ENTITIES: Record<string, string> = { '&amp;': '&', '&lt;': '<', '&gt;': '>' };

/**
 * Plain text for what Slack delivers: straight quotes, `--` for a long dash before a word, ordinary spaces, the label of links
 * (`<http://blog:80|blog:80>` becomes `blog:80`), `@U…` and `#C…` for mentions, no code ticks.
 * Source of the escapes: Slack, "Formatting text for app surfaces".
 */
export function plainText(text: string): string {
  return text
    .replace(/<([^<>]*)>/g, (_, inside: string) => unwrap(inside))
    .replace(/&(amp|lt|gt);/g, (entity) => ENTITIES[entity] ?? entity)
    .replace(/[“”„«»]/g, '"')
    .replace(/[‘’‚]/g, "'")
    .replace(/[\u00a0\u2000-\u200b\u202f\u3000\ufeff]/g, ' ')
    .replace(/(^|\s)[—–](?=\w)/g, '$1--')
    .replace(/`+/g, '')
    .trim();
}

function unwrap(inside: string): string {
  const [target = '', label] = inside.split('|');
  if (/^[@#]/.test(target)) return target;
  if (label !== undefined && label !== '') return label;
  return target.replace(/^(https?:\/\/|mailto:)/, '').replace(/\/$/, '');
}

/** Cuts control characters and Slack's markup out of text that came from outside, at most `most` characters. */
export function harmless(text: string, most = 200): string {
  const clean = text
    // biome-ignore lint/suspicious/noControlCharactersInRegex: cutting them out is the point
    .replace(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069]+/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  const short = clean.length > most ? `${clean.slice(0, most - 1)}…` : clean;
  return short.replace(/[`*~]/g, '').replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}

/** `harmless`, but people who are mentioned stay so: for messages to one person, where that notifies nobody. */
export function harmlessWithPeople(text: string, most = 200): string {
  return harmless(text, most).replace(/&lt;(@[UW][A-Z0-9]+)&gt;/g, '<$1>');
}

/** A line that came from outside, for a code block: blanks stay, colours of terminals and control characters go. */
export function codeLine(text: string, most = 400): string {
  const clean = text
    // biome-ignore lint/suspicious/noControlCharactersInRegex: terminals begin their sequences with ESC (ECMA-48, 5.4)
    .replace(/\u001b\[[0-9;?]*[ -/]*[@-~]/g, '')
    .replace(/\t/g, '    ')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: cutting them out is the point
    .replace(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069]+/g, '')
    .trimEnd();
  const short = clean.length > most ? `${clean.slice(0, most - 1)}…` : clean;
  // Three ticks would end the block.
  return short.replace(/`{3}/g, 'ˋˋˋ').replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}
