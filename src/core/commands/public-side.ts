/** `as 8080`, `as 198.51.100.7`, `as 198.51.100.7:8080`: the outside of a door. */
import { isIPv4 } from 'node:net';
import { isRefusal, type Refusal, refuse } from '../refusal.ts';

export interface PublicSide {
  publicAddress?: string;
  publicPort?: number;
}

/** The words behind `as`; nothing means that the planner chooses. */
export function parsePublicSide(words: readonly string[] | undefined): PublicSide | Refusal {
  if (words === undefined) return {};
  const [word = '', extra] = words;
  if (extra !== undefined) return refuse('not_understood', `I did not understand \`${extra}\`.`);
  if (/^\d+(-\d+)?$/.test(word)) return withPort({}, word);
  const [address = '', port, more] = word.split(':');
  if (!isIPv4(address) || more !== undefined) {
    return refuse(
      'not_understood',
      `\`${word}\` is neither a port nor an address.`,
      'Say `as 8080` or `as 198.51.100.7:8080`.',
    );
  }
  return port === undefined ? { publicAddress: address } : withPort({ publicAddress: address }, port);
}

/** A port number from 1 to 65535. A range is refused: a door is one port. */
export function parsePort(word: string): number | Refusal {
  if (/^\d+[-–:]\d+$/.test(word)) {
    return refuse(
      'not_understood',
      `\`${word}\` is a range of ports; a door is one port.`,
      'Ask once for each port.',
    );
  }
  const port = Number(word);
  if (/^\d{1,5}$/.test(word) && port >= 1 && port <= 65_535) return port;
  return refuse('not_understood', `\`${word}\` is not a port.`, 'Ports are numbers from 1 to 65535.');
}

function withPort(side: PublicSide, word: string): PublicSide | Refusal {
  const publicPort = parsePort(word);
  if (typeof publicPort === 'number') return { ...side, publicPort };
  return isRefusal(publicPort) ? publicPort : side;
}
