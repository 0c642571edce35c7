/** `why blog 80 as 8080 from office`, from its words. */

import type { DoorSpec } from '../plan.ts';
import { isRefusal, type Refusal } from '../refusal.ts';
import { nameOf, portOf, type WhyCommand } from '../request.ts';
import { type Networks, resolveSources } from '../sources.ts';
import type { Words } from './command-words.ts';
import { parseDestination } from './destination.ts';
import { GRAMMARS } from './grammar.ts';
import { parsePublicSide } from './public-side.ts';

/** The command, or what of it was not understood. Without `from` nobody's way in is asked about. */
export function buildWhy(words: Words, networks: Networks): WhyCommand | Refusal {
  const destination = parseDestination(words.plain, GRAMMARS.why);
  if (isRefusal(destination)) return destination;
  const outside = parsePublicSide(words.clauses.as);
  if (isRefusal(outside)) return outside;
  const { from } = words.clauses;
  const sources = from === undefined ? undefined : resolveSources(from, networks);
  if (sources !== undefined && !Array.isArray(sources)) return sources;
  return { action: 'why', ...destination, ...outside, ...(sources && { sources }) };
}

/** `why web1/blog 80`: the command that looks at a door. */
export function whyText({ host, instance, road, port, protocol }: DoorSpec): string {
  return `why ${nameOf({ host, instance, ...(road === 'server' && { server: true }) })} ${portOf(port, protocol)}`;
}
