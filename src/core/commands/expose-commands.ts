/** `expose blog 80 as 8080 from office`, `unexpose blog 80` and `extend blog 80 by 2h`, from their words. */

import { parseDuration } from '../door-end.ts';
import { isRefusal, type Refusal, refuse } from '../refusal.ts';
import {
  type AdoptCommand,
  type ExposeCommand,
  type ExtendCommand,
  type RepairCommand,
  ROAD_NAMES,
  type RoadName,
  type UnexposeCommand,
} from '../request.ts';
import { type Networks, resolveSources } from '../sources.ts';
import { type Clock, parseUntil } from '../until.ts';
import { clauseText, reasonOf } from './clause-values.ts';
import type { Words } from './command-words.ts';
import { parseDestination } from './destination.ts';
import { GRAMMARS } from './grammar.ts';
import { nearest } from './nearest.ts';
import { parsePublicSide } from './public-side.ts';

export function buildExpose(words: Words, networks: Networks, clock?: Clock): ExposeCommand | Refusal {
  const destination = parseDestination(words.plain, GRAMMARS.expose);
  if (isRefusal(destination)) return destination;
  const outside = parsePublicSide(words.clauses.as);
  if (isRefusal(outside)) return outside;
  const sources = resolveSources(words.clauses.from ?? [], networks);
  if (!Array.isArray(sources)) return sources;
  const road = parseRoad(words.clauses.via);
  if (road !== undefined && typeof road !== 'string') return road;
  const end = endOf(words, 'for', clock);
  if (isRefusal(end)) return end;
  const { seconds: forSeconds, until } = end;
  const chosen = {
    ...(road && { road }),
    ...(forSeconds !== undefined && { forSeconds }),
    ...(until !== undefined && { until }),
  };
  return { action: 'expose', ...destination, ...outside, sources, ...chosen, ...reasonOf(words) };
}

export function buildUnexpose(words: Words): UnexposeCommand | Refusal {
  const destination = parseDestination(words.plain, GRAMMARS.unexpose);
  if (isRefusal(destination)) return destination;
  const outside = parsePublicSide(words.clauses.as);
  if (isRefusal(outside)) return outside;
  return { action: 'unexpose', ...destination, ...outside, ...reasonOf(words) };
}

export function buildExtend(words: Words, clock?: Clock): ExtendCommand | Refusal {
  const destination = parseDestination(words.plain, GRAMMARS.extend);
  if (isRefusal(destination)) return destination;
  const outside = parsePublicSide(words.clauses.as);
  if (isRefusal(outside)) return outside;
  const end = endOf(words, 'by', clock);
  if (isRefusal(end)) return end;
  const { seconds: bySeconds, until } = end;
  if (bySeconds === undefined && until === undefined)
    return refuse('not_understood', 'By how long?', 'Say `by 2h` or `until 18:00`.');
  const moved = bySeconds === undefined ? { until: until ?? 0 } : { bySeconds };
  return { action: 'extend', ...destination, ...outside, ...moved, ...reasonOf(words) };
}

/** What stands behind `for` or `by`, in seconds, or behind `until`. */
function endOf(
  words: Words,
  clause: 'for' | 'by',
  clock: Clock | undefined,
): { kind?: undefined; seconds?: number; until?: number } | Refusal {
  const seconds = parseDuration(clauseText(words, clause), clause);
  const said = clauseText(words, 'until');
  if (said === undefined || typeof seconds === 'object')
    return typeof seconds === 'object' ? seconds : seconds === undefined ? {} : { seconds };
  if (seconds !== undefined)
    return refuse('not_understood', `\`${clause}\` and \`until\` are both there.`, 'Say one of them.');
  const until = parseUntil(said, clock);
  return typeof until === 'number' ? { until } : until;
}

/** `repair blog 80`, `adopt blog 80 as 8080` */
export function buildMending(
  action: 'repair' | 'adopt',
  words: Words,
): RepairCommand | AdoptCommand | Refusal {
  const destination = parseDestination(words.plain, GRAMMARS[action]);
  if (isRefusal(destination)) return destination;
  const outside = parsePublicSide(words.clauses.as);
  if (isRefusal(outside)) return outside;
  return { action, ...destination, ...outside, ...reasonOf(words) };
}

function parseRoad(words: string[] | undefined): RoadName | Refusal | undefined {
  if (words === undefined) return undefined;
  const said = words.join(' ').toLowerCase();
  const road = ROAD_NAMES.find((known) => known === said);
  if (road !== undefined) return road;
  const close = nearest(said, ROAD_NAMES)[0];
  const next =
    close === undefined ? `The roads are ${ROAD_NAMES.join(', ')}.` : `Did you mean \`via ${close}\`?`;
  return refuse('not_understood', `\`${said}\` is not a road.`, next);
}
