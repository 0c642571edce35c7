/** `launch bookworm blog on web1`, `restart blog`, `snapshot blog before`: commands about an instance, from their words. */

import { parseDuration } from '../door-end.ts';
import { isRefusal, type Refusal, refuse } from '../refusal.ts';
import type {
  InstanceCommand,
  InstanceName,
  LaunchCommand,
  LookCommand,
  SnapshotCommand,
} from '../request.ts';
import { clauseText, reasonOf } from './clause-values.ts';
import type { Words } from './command-words.ts';
import { parseHostName, parseService, parseTarget } from './destination.ts';
import { GRAMMARS } from './grammar.ts';
import { extraWord, tooMany } from './word-refusals.ts';

type Action = InstanceCommand['action'];

/** The command, or what of it was not understood. */
export function buildInstanceCommand(action: Action, words: Words): InstanceCommand | Refusal {
  if (action === 'launch') return buildLaunch(words);
  const target = parseTarget(words.plain[0]);
  if (isRefusal(target)) return target;
  if (action === 'snapshot' || action === 'restore') return buildSnapshot(action, target, words);
  if (words.plain.length > 1) return extraWord(words.plain.slice(1), GRAMMARS[action]);
  return { action, target, ...reasonOf(words) };
}

/** LXD's own limit is far above; more than this is nothing to read in a chat. */
const MOST_LINES = 200;

/** `logs blog 50` */
export function buildLogs({ plain }: Words): LookCommand | Refusal {
  const target = parseTarget(plain[0]);
  if (isRefusal(target)) return target;
  const extra = tooMany(plain, 2);
  if (extra !== undefined) return extra;
  const said = plain[1];
  if (said === undefined) return { action: 'logs', target };
  const lines = Number(said);
  if (/^\d{1,3}$/.test(said) && lines >= 1 && lines <= MOST_LINES) return { action: 'logs', target, lines };
  return refuse(
    'not_understood',
    `\`${said}\` is not a number of lines.`,
    `From 1 to ${MOST_LINES} can be shown.`,
  );
}

function buildLaunch(words: Words): LaunchCommand | Refusal {
  const [image, name, ...left] = words.plain;
  if (image === undefined) return refuse('not_understood', 'Which image?', IMAGES);
  if (!IMAGE_NAME.test(image)) return refuse('not_understood', `\`${image}\` is not an image.`, IMAGES);
  if (name === undefined) return refuse('not_understood', `What is the instance of ${image} to be called?`);
  const target = targetOf(name, words);
  if (isRefusal(target)) return target;
  if (left.length > 0) return extraWord(left, GRAMMARS.launch);
  const { profile: profiles } = words.clauses;
  const wrong = profiles?.find((profile) => !PROFILE_NAME.test(profile));
  if (wrong !== undefined) return refuse('not_understood', `\`${wrong}\` is not the name of a profile.`);
  const expose = exposedPort(words);
  if (expose !== undefined && isRefusal(expose)) return expose;
  return {
    action: 'launch',
    image,
    target,
    ...(profiles !== undefined && { profiles: [...new Set(profiles)] }),
    ...(expose !== undefined && { expose }),
    ...reasonOf(words),
  };
}

const IMAGES = 'Images go by an alias like `debian/12`, or by a fingerprint.';
const IMAGE_NAME = /^[a-z0-9][\w./+-]{0,127}$/i;
const PROFILE_NAME = /^[\w][\w.+-]{0,62}$/;

/** The host may be said by `on` or before the name, but not twice. */
function targetOf(name: string, words: Words): InstanceName | Refusal {
  const target = parseTarget(name);
  const on = clauseText(words, 'on');
  if (isRefusal(target) || on === undefined) return target;
  const host = parseHostName(on, 'host');
  if (typeof host !== 'string') return host;
  if (target.host === undefined || target.host === host) return { host, instance: target.instance };
  return refuse('not_understood', `\`${name}\` is not on \`${host}\`.`, 'Name the host once.');
}

function exposedPort(words: Words): LaunchCommand['expose'] | Refusal {
  const said = clauseText(words, 'expose');
  const forSeconds = parseDuration(clauseText(words, 'for'), 'for');
  if (typeof forSeconds === 'object') return forSeconds;
  if (said === undefined) return forSeconds === undefined ? undefined : nothingToEnd();
  const service = parseService(said);
  return isRefusal(service) || forSeconds === undefined ? service : { ...service, forSeconds };
}

function nothingToEnd(): Refusal {
  return refuse('not_understood', '`for` says how long a door is open.', 'Say `expose 80 for 2h`.');
}

function buildSnapshot(
  action: SnapshotCommand['action'],
  target: InstanceName,
  words: Words,
): SnapshotCommand | Refusal {
  const [, snapshot, ...left] = words.plain;
  if (left.length > 0) return extraWord(left, GRAMMARS[action]);
  if (snapshot === undefined) return { action, target, ...reasonOf(words) };
  if (!SNAPSHOT_NAME.test(snapshot)) {
    const next = 'Names are letters, digits, dashes and dots, like `before-update`.';
    return refuse('not_understood', `\`${snapshot}\` is not the name of a snapshot.`, next);
  }
  return { action, target, snapshot, ...reasonOf(words) };
}

/** LXD takes what a path segment may be; this is what people type. */
const SNAPSHOT_NAME = /^[a-z0-9][\w.-]{0,62}$/i;
