/** The log: JSON lines, readable ones on a terminal. The only file that knows pino. */
import { Writable } from 'node:stream';
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

/** The root log. Whatever stands under the name of a secret is cut out, and what looks like one wherever it stands. */
export function createLog({ level, readable, destination }: LogOptions): Log {
  const paths = SECRET_KEYS.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]);
  const options = {
    level,
    base: null,
    redact: { paths, censor: '[redacted]' },
    formatters: { level: (label: string) => ({ level: label }) },
    hooks: { streamWrite: withoutSecrets },
  };
  if (readable) {
    const stream = pretty({
      colorize: process.stdout.isTTY === true,
      ignore: 'pid,hostname',
      translateTime: 'HH:MM:ss',
      singleLine: true,
      sync: true,
      ...(destination !== undefined && { destination: writableTo(destination) }),
    });
    return pino(options, stream);
  }
  return destination === undefined ? pino(options) : pino(options, destination);
}

function writableTo(destination: DestinationStream): Writable {
  return new Writable({
    write(chunk, _, done) {
      destination.write(String(chunk));
      done();
    },
  });
}

/** A line of JSON without secrets; it stays JSON. pino's own redaction looks three levels deep, and at exact names only. */
function withoutSecrets(line: string): string {
  return line.replace(NAMED, '"$1":"[redacted]"').replace(LOOKS_SECRET, '[redacted]');
}

const NAMED =
  /"((?:bot_?|app_?)?token|(?:signing_?|client_?)?secret|password|(?:private_?)?key|authorization|response_?url)":"(?:[^"\\]|\\.)*"/gi;

/** Slack's tokens, the passwords of URLs, private keys (also when cut off) and Slack's one-time addresses. */
const LOOKS_SECRET =
  /xox[a-z]-[\w-]+|xapp-[\w-]+|(?<=:\/\/[^/\s:@"]*:)[^\s/"]+(?=@)|-----BEGIN [A-Z ]*PRIVATE KEY-----(?:[^"\\]|\\.)*?(?:-----END [A-Z ]*PRIVATE KEY-----|(?="))|(?<=hooks\.slack\.com\/)[\w/-]+/g;
