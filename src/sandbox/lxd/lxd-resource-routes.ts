/** What the pretended LXD has room for, and what instances are made from there. The room is this machine's own. */
import { statfs } from 'node:fs/promises';
import { freemem, totalmem } from 'node:os';
import { LxdRefused, synced } from './lxd-answer.ts';
import type { Routes } from './lxd-routes.ts';
import { IMAGES, PROFILES } from './lxd-state.ts';

export function resourceRoutes(): Routes {
  return {
    'GET resources': () => {
      const total = totalmem();
      return synced({ cpu: { total: 1 }, memory: { total, used: total - freemem() } });
    },
    'GET storage-pools/*/resources': async (_call, name) => {
      if (name !== 'default') throw new LxdRefused(500, 'Storage pool not found');
      const { blocks, bavail, bsize } = await statfs('.');
      const space = { used: (blocks - bavail) * bsize, total: blocks * bsize };
      return synced({ space, inodes: { used: 0, total: 0 } });
    },
    'GET profiles': () =>
      synced(
        Object.entries(PROFILES).map(([name, devices]) => ({
          name,
          description: '',
          config: {},
          devices,
          used_by: [],
        })),
      ),
    'GET images': () =>
      synced(
        IMAGES.map(({ alias, fingerprint, description }) => ({
          fingerprint,
          aliases: [{ name: alias, description: '' }],
          architecture: 'x86_64',
          type: 'container',
          properties: { os: 'sandbox', description },
          public: false,
          cached: false,
        })),
      ),
  };
}
