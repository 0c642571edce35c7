/** Running programs in pretended instances: there is one program, `cat`, and it knows the kernel's tables of sockets. */
import { kernelTable } from './kernel-tables.ts';
import { begun, LxdRefused, synced } from './lxd-answer.ts';
import { instanceNamed } from './lxd-instance-routes.ts';
import type { Outcome } from './lxd-operations.ts';
import type { LxdParts, Routes } from './lxd-routes.ts';
import { writtenExec } from './lxd-written.ts';

export function execRoutes({ store, operations, services }: LxdParts): Routes {
  /** Recorded output under its path; kept until it is deleted, as on the real one. */
  const logs = new Map<string, string>();

  function run(instance: string, [program = '', ...args]: string[], id: string): Outcome {
    const listeners = services.listenersOf(instance);
    const found = program === 'cat';
    const read = found ? args.map((path) => ({ path, text: kernelTable(path, listeners) })) : [];
    const missing = read.filter(({ text }) => text === undefined);
    const place = `/1.0/instances/${instance}/logs/exec_${id}`;
    logs.set(`${place}.stdout`, read.map(({ text }) => text ?? '').join(''));
    logs.set(
      `${place}.stderr`,
      missing.map(({ path }) => `cat: can't open '${path}': No such file or directory\n`).join(''),
    );
    const output = { 1: `${place}.stdout`, 2: `${place}.stderr` };
    if (!found) return { err: 'Command not found', metadata: { output, return: 127 } };
    return { metadata: { output, return: missing.length === 0 ? 0 : 1 } };
  }

  const pathOf = (instance = '', file = '') => `/1.0/instances/${instance}/logs/${file}`;
  return {
    'POST instances/*/exec': ({ body }, name = '') => {
      const { command } = writtenExec.parse(body);
      if (!instanceNamed(store.state(), name).running) throw new LxdRefused(400, 'Instance is not running');
      return begun(operations.begin('Executing command', name, async (id) => run(name, command, id)));
    },
    'GET instances/*/logs/*': (_call, name, file) => {
      const text = logs.get(pathOf(name, file));
      if (text === undefined) throw new LxdRefused(500, `open ${file}: no such file or directory`);
      return { status: 200, headers: { 'Content-Type': 'application/octet-stream' }, body: text };
    },
    'DELETE instances/*/logs/*': (_call, name, file) => {
      if (!logs.delete(pathOf(name, file)))
        throw new LxdRefused(404, `remove ${file}: no such file or directory`);
      return synced({});
    },
  };
}
