/** `npm run audit -- verify` and `-- export --json|--csv`: the audit on the command line. Reads Redis, changes nothing. */
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import type { Config } from './config.ts';
import { type Check, checkEnd, checkNext, findingInWords, UNCHECKED } from './core/audit/audit-chain.ts';
import { type ExportFormat, exportHeader, exportLine } from './core/audit/audit-export.ts';
import { Fault } from './errors.ts';
import type { Log } from './log.ts';
import { type Audit, createAudit } from './records/audit.ts';
import { connectRedis } from './records/redis.ts';
import { runCommandLine } from './run-command-line.ts';
import { isMain } from './run-process.ts';

const USAGE = `Usage:
  npm run audit -- verify [--hash <hash>]   whether nothing was changed, taken out or moved; with a hash that was shown
                                            in the mirror channel, whether it is still part of the audit
  npm run audit -- export --json | --csv    every entry, the oldest first, on the standard output
`;

/** What was asked for on the command line. */
type Order = { do: 'verify'; hash?: string } | { do: 'export'; as: ExportFormat };

/** Where words go; the standard output in a process. */
export interface Paper {
  write(text: string): boolean;
}

/**
 * Carries an order out.
 * @returns the exit code: 0, or 1 when the chain does not hold
 * @throws Fault config_invalid or redis_unreachable, each with what to do
 */
export async function runAuditCommand(order: Order, config: Config, log: Log, paper: Paper): Promise<number> {
  if (config.redis === undefined)
    throw new Fault('config_invalid', 'The audit is in Redis: set REDIS_URL, as for the bot.');
  const redis = await connectRedis(config.redis, { patient: false }, log);
  try {
    const audit = createAudit(redis, config.prefix);
    return order.do === 'verify'
      ? await verify(audit, order.hash, paper)
      : await write(audit, order.as, paper);
  } finally {
    redis.disconnect();
  }
}

async function verify(audit: Audit, hash: string | undefined, paper: Paper): Promise<number> {
  let check: Check = UNCHECKED;
  let seen = hash === undefined;
  const { head, upTo } = await audit.end();
  for await (const page of audit.rows(upTo)) {
    check = page.reduce(checkNext, check);
    seen ||= page.some((entry) => entry?.hash === hash);
  }
  const { found, rows } = checkEnd(check, head);
  if (found !== undefined) {
    paper.write(`${rows} entries, the chain is broken: ${findingInWords(found)}\n`);
    return 1;
  }
  if (!seen) {
    paper.write(`${rows} entries, the chain holds, but no entry has the hash ${hash}: it was made anew\n`);
    return 1;
  }
  paper.write(`${rows} entries, the chain holds${rows === 0 ? '' : `; the last hash is ${head.hash}`}\n`);
  return 0;
}

async function write(audit: Audit, as: ExportFormat, paper: Paper): Promise<number> {
  paper.write(exportHeader(as));
  for await (const page of audit.rows()) {
    const lines = page.flatMap((entry) => (entry === undefined ? [] : [exportLine(entry, as)]));
    if (!paper.write(lines.join('')) && paper === process.stdout) await once(process.stdout, 'drain');
  }
  return 0;
}

/** Undefined for what is no order. */
function orderOf(words: string[]): Order | undefined {
  try {
    const options = {
      json: { type: 'boolean' },
      csv: { type: 'boolean' },
      hash: { type: 'string' },
    } as const;
    const { positionals, values } = parseArgs({ args: words, options, allowPositionals: true });
    const { json = false, csv = false, hash } = values;
    if (positionals.length !== 1) return undefined;
    if (positionals[0] === 'verify' && !json && !csv)
      return { do: 'verify', ...(hash !== undefined && { hash: hash.toLowerCase() }) };
    if (positionals[0] === 'export' && json !== csv && hash === undefined)
      return { do: 'export', as: json ? 'json' : 'csv' };
    return undefined;
  } catch {
    // parseArgs throws for options that it does not know.
    return undefined;
  }
}

if (isMain(import.meta.url))
  await runCommandLine({
    usage: USAGE,
    orderOf,
    needs: { clouds: false },
    run: (order, config, log) => runAuditCommand(order, config, log, process.stdout),
  });
