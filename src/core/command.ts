/** The text behind `/lxd` as a command, or a refusal that says what was not understood. Pure. */
import { plainText } from './chat-text.ts';
import { type Clause, splitWords, type Words } from './command-words.ts';
import { parseDestination, parseTarget } from './destination.ts';
import { ACTION_NAMES, COMMANDS } from './help.ts';
import { nearest } from './nearest.ts';
import { parsePublicSide } from './public-side.ts';
import { isRefusal, type Refusal, refuse } from './refusal.ts';
import { type ActionName, type ChangeCommand, type Command, ROAD_NAMES, type RoadName } from './request.ts';
import { type Networks, resolveSources } from './sources.ts';

/** The longest text that is looked at; Slack itself cuts messages at 40,000 characters. */
const LONGEST = 2_000;

/**
 * @param text what Slack delivers behind the command's name
 * @param networks the names that may stand behind `from`
 */
export function parseCommand(text: string, networks: Networks): Command | Refusal {
  if (text.length > LONGEST)
    return refuse('not_understood', 'That is too long to be a command.', 'Try `help`.');
  const plain = plainText(text);
  const words = splitWords(plain);
  if (isRefusal(words)) return withExample(words, actionOf(plain.split(/\s/)[0] ?? '') ?? 'help');
  const [name = 'help', ...rest] = words.plain;
  const action = actionOf(name);
  if (action === undefined) return unknownAction(name);
  const command = build(action, { plain: rest, clauses: words.clauses }, networks);
  return isRefusal(command) ? withExample(command, action) : command;
}

function actionOf(word: string): ActionName | undefined {
  return ACTION_NAMES.find((known) => known === word.toLowerCase());
}

function build(action: ActionName, words: Words, networks: Networks): Command | Refusal {
  switch (action) {
    case 'expose':
      return buildExpose(words, networks);
    case 'unexpose':
      return buildUnexpose(words);
    case 'plan':
      return buildPlan(words, networks);
    case 'doors':
      return only(words, 1) ?? optional(words, (filter) => ({ action, filter }), { action });
    case 'list':
      return only(words, 1) ?? optional(words, (host) => ({ action, host }), { action });
    case 'requests':
      return only(words, 1) ?? optional(words, (id) => ({ action, id }), { action });
    case 'help':
      return only(words, 2) ?? optional(words, (topic) => ({ action, topic }), { action });
    case 'hosts':
      return only(words, 0) ?? { action };
    case 'info':
      return only(words, 1) ?? buildInfo(words);
    case 'cancel':
      return only(words, 1) ?? required(words, 'the request', (id) => ({ action, id }));
  }
}

function buildExpose(words: Words, networks: Networks): Command | Refusal {
  const destination = parseDestination(words.plain);
  if (isRefusal(destination)) return destination;
  const outside = parsePublicSide(words.clauses.as);
  if (isRefusal(outside)) return outside;
  const sources = resolveSources(words.clauses.from ?? [], networks);
  if (!Array.isArray(sources)) return sources;
  const road = parseRoad(words.clauses.via);
  if (road !== undefined && typeof road !== 'string') return road;
  return { action: 'expose', ...destination, ...outside, sources, ...(road && { road }), ...reasonOf(words) };
}

function buildUnexpose(words: Words): Command | Refusal {
  const destination = parseDestination(words.plain);
  if (isRefusal(destination)) return destination;
  const outside = parsePublicSide(words.clauses.as);
  if (isRefusal(outside)) return outside;
  return (
    refuseClauses(words, ['from', 'via']) ?? {
      action: 'unexpose',
      ...destination,
      ...outside,
      ...reasonOf(words),
    }
  );
}

function buildPlan(words: Words, networks: Networks): Command | Refusal {
  const [name = '', ...plain] = words.plain;
  const action = (['expose', 'unexpose'] as const).find((known) => known === name.toLowerCase());
  if (action === undefined) {
    return refuse(
      'not_understood',
      name === '' ? 'Plan what?' : `\`plan ${name}\` is not possible; expose and unexpose are.`,
    );
  }
  const of = build(action, { plain, clauses: words.clauses }, networks);
  return isRefusal(of) ? of : { action: 'plan', of: of as ChangeCommand };
}

function buildInfo(words: Words): Command | Refusal {
  const target = parseTarget(words.plain[0]);
  return isRefusal(target) ? target : { action: 'info', target };
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

function reasonOf(words: Words): { reason?: string } {
  const reason = words.clauses.because?.join(' ');
  return reason === undefined ? {} : { reason: reason.slice(0, 300) };
}

function only(words: Words, most: number): Refusal | undefined {
  const extra = words.plain[most];
  if (extra !== undefined) return refuse('not_understood', `\`${extra}\` is one word too many.`);
  return refuseClauses(words, ['as', 'from', 'via', 'because']);
}

function refuseClauses(words: Words, unfit: Clause[]): Refusal | undefined {
  const found = unfit.find((clause) => words.clauses[clause] !== undefined);
  return found && refuse('not_understood', `\`${found}\` does not belong here.`);
}

function optional(words: Words, withWord: (word: string) => Command, without: Command): Command {
  return words.plain[0] === undefined ? without : withWord(words.plain.join(' '));
}

function required(words: Words, what: string, withWord: (word: string) => Command): Command | Refusal {
  return words.plain[0] === undefined ? refuse('not_understood', `Name ${what}.`) : withWord(words.plain[0]);
}

function unknownAction(name: string): Refusal {
  const close = nearest(name, ACTION_NAMES)[0];
  const next =
    close === undefined
      ? 'Try `/lxd help`.'
      : `Did you mean \`${close}\`? Example: \`/lxd ${COMMANDS[close].example}\``;
  return refuse('not_understood', `I do not know the command \`${name}\`.`, next);
}

function withExample(refusal: Refusal, action: ActionName): Refusal {
  if (refusal.reason !== 'not_understood') return refusal;
  const example = `Example: \`/lxd ${COMMANDS[action].example}\``;
  return { ...refusal, next: refusal.next === undefined ? example : `${refusal.next} ${example}` };
}
