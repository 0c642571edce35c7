/** The log: JSON lines, readable ones on a terminal. The only file that knows pino. */
import { type DestinationStream, type Logger, pino } from 'pino';
import pretty from 'pino-pretty';

export type Log = Logger;

const SECRET_KEYS = [
  'token',
  'botToken',
  'appToken',
  'signingSecret',
  'password',
  'privateKey',
  'key',
  'authorization',
  'response_url',
  'responseUrl',
];

export interface LogOptions {
  level: string;
  /** Readable lines instead of JSON. */
  readable: boolean;
  /** Where the lines go; standard output when absent. */
  destination?: DestinationStream;
}

/** The root log. Values under names of secrets are cut at any of the first three levels, Slack tokens anywhere in a text. */
export function createLog({ level, readable, destination }: LogOptions): Log {
  const paths = SECRET_KEYS.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]);
  const options = {
    level,
    base: null,
    redact: { paths, censor: '[redacted]' },
    formatters: { level: (label: string) => ({ level: label }) },
    hooks: { streamWrite: (line: string) => line.replace(TOKENS, '[redacted]') },
  };
  if (readable) {
    const stream = pretty({
      colorize: process.stdout.isTTY === true,
      ignore: 'pid,hostname',
      translateTime: 'HH:MM:ss',
      singleLine: true,
      sync: true,
    });
    return pino(options, destination ?? stream);
  }
  return destination === undefined ? pino(options) : pino(options, destination);
}

/** Slack's tokens, the passwords of URLs and private keys, wherever they stand. */
const TOKENS =
  /xox[a-z]-[\w-]+|xapp-[\w-]+|(?<=:\/\/[^/\s:@]*:)[^@\s/]+(?=@)|-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?-----END [A-Z ]*PRIVATE KEY-----|(?<=hooks\.slack\.com\/)[\w/-]+/g;
