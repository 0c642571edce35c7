/** `blog 80`, `web1/blog 53/udp`, `blog:80`, `server:web 80`: where a door leads, and what instances are called. */

import { isRefusal, type Refusal, refuse } from '../refusal.ts';
import type { InstanceName, Protocol } from '../request.ts';
import type { Grammar } from './grammar.ts';
import { parsePort } from './public-side.ts';
import { extraWord } from './word-refusals.ts';

export interface Destination {
  target: InstanceName;
  port: number;
  protocol: Protocol;
}

/** LXD's rule: letters, digits, dashes, at most 63, no digit or dash first, no dash last. Hosts are called so, too. */
const LXD_NAME = /^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/i;
/** OpenStack takes more, of which this is what people type without quotes. */
const SERVER_NAME = /^[A-Za-z0-9][\w.-]{0,254}$/;

/** The instance or server, port and protocol of an expose or unexpose, from its words. */
export function parseDestination(words: readonly string[], grammar: Grammar): Destination | Refusal {
  const [first, second, ...rest] = joinedForm(words);
  const target = parseTarget(first, 'server too');
  if (isRefusal(target)) return target;
  if (second === undefined) return refuse('not_understood', `Which port of \`${first}\`?`);
  const service = parseService(second);
  if (isRefusal(service)) return service;
  return rest[0] === undefined ? { target, ...service } : extraWord(rest, grammar);
}

/** `blog` or `web1/blog`; where servers may be meant, `server:web` and `server:public/web`, too. */
export function parseTarget(
  word: string | undefined,
  what: 'instance' | 'server too' = 'instance',
): InstanceName | Refusal {
  if (word === undefined) return refuse('not_understood', 'Which instance?');
  const server = /^server:(.+)$/i.exec(word)?.[1];
  if (server !== undefined) return what === 'instance' ? onlyDoors(word) : parseServer(word, server);
  const parts = word.split('/');
  const [instance = '', host] = parts.reverse();
  if (parts.length > 2 || !LXD_NAME.test(instance) || (host !== undefined && !LXD_NAME.test(host))) {
    return refuse(
      'not_understood',
      `\`${word}\` is not the name of an instance.`,
      'Names are like `blog` or `web1/blog`.',
    );
  }
  return host === undefined ? { instance } : { host, instance };
}

/** `web9`, as hosts and clouds are called in the configuration. */
export function parseHostName(word: string | undefined, what: 'host' | 'cloud'): string | Refusal {
  if (word === undefined) return refuse('not_understood', `Which ${what}?`);
  if (LXD_NAME.test(word)) return word;
  return refuse(
    'not_understood',
    `\`${word}\` is not the name of a ${what}.`,
    'Names are letters, digits and dashes, like `web1`.',
  );
}

/** `80` or `53/udp`. */
export function parseService(word: string): { port: number; protocol: Protocol } | Refusal {
  const [number = '', protocol = 'tcp', extra] = word.toLowerCase().split('/');
  if (extra !== undefined || (protocol !== 'tcp' && protocol !== 'udp')) {
    return refuse('not_understood', `\`${word}\` is not a port.`, 'Ports are like `80` or `53/udp`.');
  }
  const port = parsePort(number);
  return typeof port === 'number' ? { port, protocol } : port;
}

function parseServer(word: string, name: string): InstanceName | Refusal {
  const parts = name.split('/');
  const [instance = '', host] = parts.reverse();
  if (parts.length > 2 || !SERVER_NAME.test(instance) || (host !== undefined && !LXD_NAME.test(host))) {
    return refuse(
      'not_understood',
      `\`${word}\` is not the name of a server.`,
      'Names are like `server:web` or `server:public/web`.',
    );
  }
  return host === undefined ? { instance, server: true } : { host, instance, server: true };
}

function onlyDoors(word: string): Refusal {
  return refuse(
    'not_understood',
    `\`${word}\` is a server of a cloud; of those only doors can be opened and closed.`,
    'Name an instance, like `blog` or `web1/blog`.',
  );
}

/** `blog:80` is one word for two. With nothing behind it, `server:80` is port 80 of an instance called server. */
function joinedForm(words: readonly string[]): string[] {
  const [first = '', ...rest] = words;
  const prefix = /^server:/i.exec(first)?.[0] ?? '';
  const isServer = prefix !== '' && (rest.length > 0 || !/^\d+(\/\w+)?$/.test(first.slice(prefix.length)));
  const [head, tail] = isServer ? [prefix, first.slice(prefix.length)] : ['', first];
  const match = /^([^:]+):(\S+)$/.exec(tail);
  return match === null ? [...words] : [`${head}${match[1] ?? ''}`, match[2] ?? '', ...rest];
}
