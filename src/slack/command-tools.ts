/** What commands and clicks are given to work with. Built once, in bot.ts. */
import type { Networks } from '../core/sources.ts';
import type { Metrics } from '../metrics.ts';
import type { SubmitTools } from './submit.ts';

export interface CommandTools extends SubmitTools {
  networks: Networks;
  metrics: Metrics;
}
