/** What commands and clicks are given to work with. Built once, in bot.ts. */
import type { Networks } from '../core/sources.ts';
import type { Clock } from '../core/until.ts';
import type { Metrics } from '../metrics.ts';
import type { SubmitTools } from './submit.ts';

export interface Setup {
  mode: 'Socket Mode' | 'HTTP';
  /** The channel that the audit is mirrored to. */
  auditChannel?: string;
  /** What is wrong with the configuration file as it is now; undefined where it was taken. */
  policyProblems(): readonly string[] | undefined;
}

export interface CommandTools extends SubmitTools {
  networks: Networks;
  /** Now, in the zone of the configuration. */
  clock(): Clock;
  metrics: Metrics;
  /** How this Drawbridge is set up, as far as only the bot knows. */
  setup: Setup;
}
