import { defineConfig } from 'vitest/config';

// fast: needs nothing but Node (and redis-server where it is installed); three at a time, since they wait more than they work. lab: needs the lab (test/lab), one file
// at a time because the hosts are shared. kill: likewise, but side by side, on instances and addresses of their own: most of their time
// goes by waiting for the locks of dead workers. cloud: needs the OpenStack cloud (test/lab/openstack), likewise.
const KILLS = 'test/**/*kill*.lab.test.ts';

export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    projects: [
      {
        extends: true,
        test: {
          name: 'fast',
          include: ['test/**/*.test.ts'],
          exclude: ['test/**/*.lab.test.ts', 'test/**/*.cloud.test.ts', 'test/architecture.test.ts'],
          testTimeout: 30_000,
          hookTimeout: 60_000,
          maxWorkers: 3,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'architecture',
          include: ['test/architecture.test.ts'],
          maxWorkers: 3,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'lab',
          include: ['test/**/*.lab.test.ts'],
          exclude: [KILLS],
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
          include: [KILLS],
          testTimeout: 300_000,
          hookTimeout: 180_000,
          maxWorkers: 3,
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
    ],
  },
});
