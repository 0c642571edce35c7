import { defineConfig } from 'vitest/config';

// fast: needs nothing but Node (and redis-server where it is installed); four at a time, since they wait as much as they work. lab: needs
// the lab (test/lab), one file at a time because the hosts are shared. cloud: needs the OpenStack cloud (test/lab/openstack), likewise.
// faults: needs no lab; it waits most of the time. kill and soak: keep a machine busy, the one on instances and addresses of its own of
// the lab, the other without a lab.
const KILL = 'test/**/*kill*.lab.test.ts';
const SOAK = ['test/faults/kills.test.ts', 'test/faults/soak.test.ts'];
const FAULTS = 'test/faults/*.test.ts';
// Long because of how much they try, which a second run on another Node need not repeat: left out with DRAWBRIDGE_SHORT.
const LONG = [
  'test/core/command-fuzz.test.ts',
  'test/slack/payload-fuzz.test.ts',
  'test/walk/*.test.ts',
  'test/jobs/cloud-faults.test.ts',
  'test/jobs/cancel.test.ts',
  'test/jobs/panic.test.ts',
  'test/jobs/reconcile.test.ts',
  'test/jobs/hostile-host.test.ts',
  'test/jobs/secrets.test.ts',
  'test/audit-command.test.ts',
];

export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    projects: [
      {
        extends: true,
        test: {
          name: 'fast',
          include: ['test/**/*.test.ts'],
          exclude: [
            ...['test/**/*.lab.test.ts', 'test/**/*.cloud.test.ts', 'test/architecture.test.ts', FAULTS],
            ...((process.env.DRAWBRIDGE_SHORT ?? '') === '' ? [] : LONG),
          ],
          // They hold on to nothing of their own in modules, and loading those anew for each file takes a third of the processor’s time.
          isolate: false,
          testTimeout: 30_000,
          hookTimeout: 60_000,
          maxWorkers: 4,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'architecture',
          include: ['test/architecture.test.ts'],
          maxWorkers: 4,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'lab',
          include: ['test/**/*.lab.test.ts'],
          exclude: [KILL],
          testTimeout: 120_000,
          hookTimeout: 180_000,
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'kill',
          include: [KILL],
          testTimeout: 300_000,
          hookTimeout: 180_000,
          maxWorkers: 2,
          sequence: { groupOrder: 2 },
        },
      },
      {
        extends: true,
        test: {
          name: 'cloud',
          include: ['test/**/*.cloud.test.ts'],
          testTimeout: 600_000,
          hookTimeout: 300_000,
          maxWorkers: 1,
          sequence: { groupOrder: 3 },
        },
      },
      {
        extends: true,
        test: {
          name: 'faults',
          include: [FAULTS],
          exclude: SOAK,
          testTimeout: 600_000,
          hookTimeout: 180_000,
          maxWorkers: 1,
          sequence: { groupOrder: 4 },
        },
      },
      {
        extends: true,
        test: {
          name: 'soak',
          include: SOAK,
          testTimeout: 600_000,
          hookTimeout: 180_000,
          maxWorkers: 1,
          sequence: { groupOrder: 5 },
        },
      },
    ],
  },
});
