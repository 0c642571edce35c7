/** `blog 80`, `web1/blog 53/udp`, `blog:80`: where a door leads. */
import { CLAUSES } from './command-words.ts';
import { nearest } from './nearest.ts';
import { parsePort } from './public-side.ts';
import { isRefusal, type Refusal, refuse } from './refusal.ts';
import type { InstanceName, Protocol } from './request.ts';

export interface Destination {
  target: InstanceName;
  port: number;
  protocol: Protocol;
}

/** The instance, port and protocol of an expose or unexpose, from its words. */
export function parseDestination(words: readonly string[]): Destination | Refusal {
  const [first, second, ...rest] = joinedForm(words);
  const target = parseTarget(first);
  if (isRefusal(target)) return target;
  if (second === undefined) return refuse('not_understood', `Which port of \`${first}\`?`);
  const service = parseService(second);
  if (isRefusal(service)) return service;
  return rest[0] === undefined ? { target, ...service } : unexpected(rest[0]);
}

/** `blog` or `web1/blog`. LXD names: letters, digits, dashes, at most 63, no digit or dash first, no dash last. */
export function parseTarget(word: string | undefined): InstanceName | Refusal {
  if (word === undefined) return refuse('not_understood', 'Which instance?');
  const parts = word.split('/');
  const [instance = '', host] = parts.reverse();
  if (parts.length > 2 || !/^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/i.test(instance) || host === '') {
    return refuse(
      'not_understood',
      `\`${word}\` is not the name of an instance.`,
      'Names are like `blog` or `web1/blog`.',
    );
  }
  return host === undefined ? { instance } : { host, instance };
}

function joinedForm(words: readonly string[]): string[] {
  const [first, ...rest] = words;
  const match = first === undefined ? null : /^([^:]+):(\S+)$/.exec(first);
  return match === null ? [...words] : [match[1] ?? '', match[2] ?? '', ...rest];
}

function parseService(word: string): { port: number; protocol: Protocol } | Refusal {
  const [number = '', protocol = 'tcp', extra] = word.toLowerCase().split('/');
  if (extra !== undefined || (protocol !== 'tcp' && protocol !== 'udp')) {
    return refuse('not_understood', `\`${word}\` is not a port.`, 'Ports are like `80` or `53/udp`.');
  }
  const port = parsePort(number);
  return typeof port === 'number' ? { port, protocol } : port;
}

function unexpected(word: string): Refusal {
  const close = nearest(word, CLAUSES)[0];
  const next = close === undefined ? undefined : `Did you mean \`${close}\`?`;
  return refuse('not_understood', `I did not understand \`${word}\`.`, next);
}
