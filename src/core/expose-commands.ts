/** `expose blog 80 as 8080 from office` and `unexpose blog 80`, from their words. */
import { reasonOf } from './clause-values.ts';
import type { Words } from './command-words.ts';
import { parseDestination } from './destination.ts';
import { GRAMMARS } from './grammar.ts';
import { nearest } from './nearest.ts';
import { parsePublicSide } from './public-side.ts';
import { isRefusal, type Refusal, refuse } from './refusal.ts';
import { type ExposeCommand, ROAD_NAMES, type RoadName, type UnexposeCommand } from './request.ts';
import { type Networks, resolveSources } from './sources.ts';

export function buildExpose(words: Words, networks: Networks): ExposeCommand | Refusal {
  const destination = parseDestination(words.plain, GRAMMARS.expose);
  if (isRefusal(destination)) return destination;
  const outside = parsePublicSide(words.clauses.as);
  if (isRefusal(outside)) return outside;
  const sources = resolveSources(words.clauses.from ?? [], networks);
  if (!Array.isArray(sources)) return sources;
  const road = parseRoad(words.clauses.via);
  if (road !== undefined && typeof road !== 'string') return road;
  return { action: 'expose', ...destination, ...outside, sources, ...(road && { road }), ...reasonOf(words) };
}

export function buildUnexpose(words: Words): UnexposeCommand | Refusal {
  const destination = parseDestination(words.plain, GRAMMARS.unexpose);
  if (isRefusal(destination)) return destination;
  const outside = parsePublicSide(words.clauses.as);
  if (isRefusal(outside)) return outside;
  return { action: 'unexpose', ...destination, ...outside, ...reasonOf(words) };
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
