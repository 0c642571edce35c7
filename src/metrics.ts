/** Figures for Prometheus. The only file that knows prom-client. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

export type Metrics = ReturnType<typeof createMetrics>;

/** The figures of one process, under names that begin with `drawbridge_`. */
export function createMetrics() {
  const registers = [new Registry()];
  const [registry] = registers as [Registry];
  collectDefaultMetrics({ register: registry, prefix: 'drawbridge_' });
  return {
    commands: new Counter({
      name: 'drawbridge_commands_total',
      help: 'Commands by name',
      labelNames: ['action'],
      registers,
    }),
    decisions: new Counter({
      name: 'drawbridge_decisions_total',
      help: 'Clicks by what came of them',
      labelNames: ['result'],
      registers,
    }),
    ackSeconds: new Histogram({
      name: 'drawbridge_ack_seconds',
      help: 'From the arrival of a command or click to its ack',
      buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 3],
      registers,
    }),
    ended: new Counter({
      name: 'drawbridge_requests_ended_total',
      help: 'Requests by outcome',
      labelNames: ['outcome'],
      registers,
    }),
    jobs: new Histogram({
      name: 'drawbridge_job_seconds',
      help: 'How long jobs run',
      labelNames: ['queue', 'result'],
      buckets: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
      registers,
    }),
    waiting: new Gauge({
      name: 'drawbridge_waiting',
      help: 'Jobs and messages that wait',
      labelNames: ['for'],
      registers,
    }),

    /** Everything in the text format of Prometheus. */
    async text(): Promise<{ type: string; body: string }> {
      return { type: registry.contentType, body: await registry.metrics() };
    },
  };
}
