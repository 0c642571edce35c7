/** The frame of every command that ends by itself: usage, settings, faults in one line, and an exit code. */
import { type Config, loadConfig } from './config.ts';
import { isFault, messageOf } from './errors.ts';
import { createLog, type Log } from './log.ts';

export interface CommandLine<Order> {
  usage: string;
  /** undefined for what is no order. */
  orderOf(words: string[]): Order | undefined;
  /** What it does without needs not be there. */
  needs?: { clouds: boolean };
  /** @returns the exit code */
  run(order: Order, config: Config, log: Log): Promise<number>;
}

/** Exits with 2 for what is no order, with 1 after a fault. */
export async function runCommandLine<Order>({
  usage,
  orderOf,
  needs,
  run,
}: CommandLine<Order>): Promise<void> {
  // Whoever reads may have enough: `| head` closes the pipe.
  process.stdout.on('error', () => process.exit(0));
  const order = orderOf(process.argv.slice(2));
  if (order === undefined) {
    process.stderr.write(usage);
    process.exitCode = 2;
    return;
  }
  try {
    const log = createLog({ level: 'silent', readable: false });
    process.exitCode = await run(order, loadConfig(undefined, needs), log);
  } catch (error) {
    process.stderr.write(`${isFault(error) ? error.message : messageOf(error)}\n`);
    process.exitCode = 1;
  }
}
