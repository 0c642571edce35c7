/** A command as one would type it, in canonical form. */

import { panicInWords } from '../panic.ts';
import {
  type ChangeCommand,
  type DoorCommand,
  type HostCommand,
  type InstanceCommand,
  isAnyone,
  nameOf,
  portOf,
} from '../request.ts';
import { momentInWords, spanText } from '../span.ts';
import { CLAUSES } from './grammar.ts';

/** `expose web1/blog 80 as 8080 from 10.0.0.0/8`: what stands in messages, and works when typed. */
export function canonicalCommand(command: ChangeCommand): string {
  switch (command.action) {
    case 'expose':
    case 'unexpose':
    case 'extend':
    case 'repair':
    case 'adopt':
      return doorInWords(command);
    case 'host create':
    case 'host adopt':
    case 'host drain':
    case 'host delete':
      return hostInWords(command);
    case 'panic':
      return panicInWords(command);
    default:
      return instanceInWords(command);
  }
}

function doorInWords(command: DoorCommand): string {
  const words: string[] = [command.action, nameOf(command.target), portOf(command.port, command.protocol)];
  const at = publicSide(command);
  if (at !== undefined) words.push('as', at);
  if (command.action === 'expose') {
    if (!isAnyone(command.sources)) words.push('from', command.sources.join(','));
    if (command.road !== undefined) words.push('via', command.road);
    words.push(...durationWords('for', command.forSeconds), ...untilWords(command.until));
  }
  if (command.action === 'extend')
    words.push(...durationWords('by', command.bySeconds), ...untilWords(command.until));
  return words.join(' ');
}

function publicSide({ publicAddress, publicPort }: DoorCommand): string | undefined {
  if (publicAddress === undefined) return publicPort === undefined ? undefined : String(publicPort);
  return publicPort === undefined ? publicAddress : `${publicAddress}:${publicPort}`;
}

function hostInWords(command: HostCommand): string {
  const words: string[] = [command.action, command.name];
  const clause = (name: string, value: string | undefined): void => {
    if (value !== undefined) words.push(...clauseWords(name, value));
  };
  if (command.action === 'host create') {
    const { cloud, flavor, image, network, key, zone } = command;
    for (const [name, value] of Object.entries({ on: cloud, flavor, image, network, key, zone }))
      clause(name, value);
  }
  if (command.action === 'host adopt') {
    clause('on', command.cloud);
    clause('at', command.address);
    clause('user', command.user);
  }
  if (command.action === 'host drain' && command.off) words.push('off');
  if (command.action === 'host delete' && command.withInstances) words.push('with instances');
  return words.join(' ');
}

function instanceInWords(command: InstanceCommand): string {
  if (command.action !== 'launch') {
    const snapshot = 'snapshot' in command ? command.snapshot : undefined;
    return [command.action, nameOf(command.target), ...(snapshot === undefined ? [] : [snapshot])].join(' ');
  }
  const { image, target, profiles = [], expose } = command;
  const words = ['launch', image, target.instance];
  if (target.host !== undefined) words.push(...clauseWords('on', target.host));
  if (profiles.length > 0) words.push(...clauseWords('profile', profiles.join(',')));
  if (expose !== undefined) words.push('expose', portOf(expose.port, expose.protocol));
  words.push(...durationWords('for', expose?.forSeconds));
  return words.join(' ');
}

function durationWords(clause: string, seconds: number | undefined): string[] {
  return seconds === undefined ? [] : [clause, spanText(seconds)];
}

function untilWords(until: number | undefined): string[] {
  return until === undefined ? [] : ['until', momentInWords(until)];
}

/** `image debian-12`; a value with blanks, or one that looks like a clause itself, as `--image="Debian 12"`. */
function clauseWords(name: string, value: string): string[] {
  const isPlain = !/\s/.test(value) && !CLAUSES.some((clause) => clause === value.toLowerCase());
  return isPlain ? [name, value] : [`--${name}="${value}"`];
}
