/** Waits for the end of a command that runs on another machine. */
import type { Duplex, Readable } from 'node:stream';
import { Fault } from '../errors.ts';
import { connectionFault } from './faults.ts';

/** What a command left. */
export interface Ran {
  code: number;
  said: string;
  errors: string;
}

export interface Runs {
  /** Runs a command with an input and waits for its end. @throws Fault as `open`; lxd_timeout where it does not end */
  run(command: string, input: string, signal?: AbortSignal): Promise<Ran>;
}

/** Most that a command may take, in milliseconds. */
const RUN_MS = 15_000;

/** Far above the table of a guard with ten thousand doors, in characters; what does not end must not fill the memory. */
const MOST_SAID = 16 * 1024 * 1024;

/** Gives it the input, and answers when it has ended and all that it said is here. */
export function runToEnd(
  channel: Duplex & { stderr: Readable },
  input: string,
  signal?: AbortSignal,
): Promise<Ran> {
  return new Promise<Ran>((resolve, reject) => {
    const ran: Omit<Ran, 'code'> & { code?: number } = { said: '', errors: '' };
    const give = (fault: unknown): void => {
      reject(fault);
      channel.destroy();
    };
    const late = new Fault('lxd_timeout', 'the command does not end', { retryable: true });
    const timer = setTimeout(() => give(late), RUN_MS);
    const stop = (): void => give(signal?.reason);
    signal?.addEventListener('abort', stop, { once: true });
    const hear = (where: 'said' | 'errors') => (chunk: Buffer) => {
      ran[where] += chunk;
      if (ran[where].length > MOST_SAID) give(new Fault('lxd_garbled', 'the command says far too much'));
    };
    channel.on('data', hear('said'));
    channel.stderr.on('data', hear('errors'));
    channel.on('exit', (code: number | null) => {
      if (code !== null) ran.code = code;
    });
    channel.once('error', (cause: Error) => give(connectionFault(cause)));
    channel.once('close', () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', stop);
      const { code } = ran;
      if (code === undefined) reject(connectionFault(new Error('the command was cut off')));
      else resolve({ ...ran, code });
    });
    channel.end(input);
  });
}
