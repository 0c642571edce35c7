/** Consoles of pretended instances. */
import { LxdRefused } from './lxd-answer.ts';
import { instanceNamed } from './lxd-instance-routes.ts';
import type { LxdParts, Routes } from './lxd-routes.ts';

export function logRoutes({ store, consoles }: LxdParts): Routes {
  return {
    'GET instances/*/console': (_call, name = '') => {
      const { running } = instanceNamed(store.state(), name);
      const text = running ? consoles.take(name) : consoles.whole(name);
      // The real one takes an empty console for a file without a name (measured on 5.0.2).
      if (running && text === '') throw new LxdRefused(500, 'open : no such file or directory');
      return { status: 200, headers: { 'Content-Type': 'application/octet-stream' }, body: text };
    },
  };
}
