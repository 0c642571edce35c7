/** The frame of every process: settings, log, start, and an ordered end on SIGTERM or SIGINT. */
import { fileURLToPath } from 'node:url';
import { type Config, loadConfig } from './config.ts';
import { isFault, messageOf } from './errors.ts';
import { createLog, type Log } from './log.ts';

/** Something that was started and can be stopped in order. */
export interface Running {
  stop(): Promise<void>;
}

/** A process that has not ended this long after the signal is ended, in milliseconds. */
const PATIENCE_MS = 30_000;

/** True in the file that node was started with. */
export function isMain(moduleUrl: string): boolean {
  return process.argv[1] === fileURLToPath(moduleUrl);
}

/**
 * Starts, then stays until a signal; faults are said in one line and end the process with 1.
 * @param needs what the process needs of the settings; all by default
 */
export async function runProcess(
  start: (config: Config, log: Log) => Promise<Running>,
  needs: { clouds: boolean } = { clouds: true },
): Promise<void> {
  let log: Log | undefined;
  try {
    const config = loadConfig(undefined, needs);
    log = createLog(config.log);
    const running = await start(config, log);
    stopOnSignal(running, log);
  } catch (error) {
    if (log === undefined || isFault(error))
      process.stderr.write(`${isFault(error) ? error.message : messageOf(error)}\n`);
    else log.fatal({ err: error }, 'starting');
    process.exit(1);
  }
}

function stopOnSignal(running: Running, log: Log): void {
  let stopping = false;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, async () => {
      if (stopping) return;
      stopping = true;
      log.info({ signal }, 'stopping: no new work, finishing what runs');
      setTimeout(() => process.exit(1), PATIENCE_MS).unref();
      await running.stop().catch((error) => log.error({ err: error }, 'stopping'));
      log.info('stopped');
      process.exit(0);
    });
  }
}

/** Stops several things, one after the other; a failure does not keep the others from being stopped. */
export async function stopInOrder(log: Log, steps: readonly (() => Promise<unknown>)[]): Promise<void> {
  for (const step of steps) await step().catch((error) => log.warn({ err: error }, 'stopping'));
}
