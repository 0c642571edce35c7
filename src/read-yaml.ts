/** YAML in, plain content or the problems in it out. The only file that knows the parser. */
import { parseDocument } from 'yaml';
import { messageOf } from './errors.ts';

export interface ReadYamlOptions {
  /** Leaves every value the text that it is written as, so that a password `0123` or `yes` stays one. */
  asText?: boolean;
}

/** The content of a YAML file, or every problem with it, a line each. */
export function readYaml(
  text: string,
  { asText = false }: ReadYamlOptions = {},
): { of: unknown } | { problems: string[] } {
  const kind = asText ? ({ schema: 'failsafe', merge: true } as const) : {};
  const document = parseDocument(text, { prettyErrors: true, ...kind });
  if (document.errors.length > 0)
    return { problems: document.errors.map(({ message }) => message.split('\n')[0] ?? message) };
  try {
    return { of: document.toJS({ maxAliasCount: 20 }) ?? {} };
  } catch (error) {
    // Aliases that lead nowhere, or to far too much, are only found here.
    return { problems: [`the file: ${messageOf(error)}`] };
  }
}
