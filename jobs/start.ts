/** `npm start`: bot and worker in one process, with stand-ins for whatever is not configured. */

import { startBot } from '../src/bot.ts';
import type { Config } from '../src/config.ts';
import { Fault } from '../src/errors.ts';
import type { Log } from '../src/log.ts';
import { isMain, type Running, runProcess, stopInOrder } from '../src/run-process.ts';
import { completeConfig, type Embedded } from '../src/sandbox/embedded.ts';
import { startWorker } from './worker.ts';

/** Starts everything; what was started is stopped again when a later part fails. */
export async function startAll(config: Config, log: Log): Promise<Running> {
  if (config.slack !== undefined && config.file === undefined) {
    const message = 'Slack is configured, but nobody may do anything yet: there is no configuration file.';
    throw new Fault(
      'config_invalid',
      `${message} Copy docs/drawbridge.example.yaml to drawbridge.yaml and name your people and hosts.`,
    );
  }
  const embedded = await completeConfig(config, log);
  const steps = [...embedded.stops];
  try {
    const worker = await startWorker(embedded.config, log, { http: false });
    steps.unshift(() => worker.stop());
    const bot = await startBot(embedded.config, log);
    steps.unshift(() => bot.stop());
    process.stdout.write(greeting(embedded, bot.port));
  } catch (error) {
    await stopInOrder(log, steps);
    throw error;
  }
  return { stop: () => stopInOrder(log, steps) };
}

/** What to open, what to type, what is not real. */
function greeting({ page, standIns, config }: Embedded, port: number): string {
  const hosts = Object.keys(config.file?.hosts ?? {}).join(', ');
  const first =
    page === undefined
      ? ['Drawbridge runs. In Slack, type:  /lxd expose blog 80']
      : [
          `Drawbridge runs. Open  ${page}  in a browser, choose “doors”, act as Alice and type:`,
          '',
          '    /lxd expose blog 80',
          '',
          'Then act as Bob and press Approve. `/lxd help` shows the rest.',
        ];
  const parts = standIns.map((line) => `  - ${line}`);
  const health = `Hosts: ${hosts}. Health and metrics: http://localhost:${port}/healthz /readyz /metrics. Ctrl-C stops.`;
  return `\n${[...first, '', health, ...(parts.length > 0 ? ['What was taken because nothing is configured:', ...parts] : [])].join('\n')}\n\n`;
}

if (isMain(import.meta.url)) void runProcess(startAll);
