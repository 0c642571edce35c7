/** Running programs in pretended instances: `cat` and `tail`, which know the kernel's tables of sockets and one log file. */
import { kernelTable } from '../kernel-tables.ts';
import { begun, LxdRefused, synced } from './lxd-answer.ts';
import { FILES, instanceNamed } from './lxd-instance-routes.ts';
import type { Outcome } from './lxd-operations.ts';
import type { LxdParts, Routes } from './lxd-routes.ts';
import { writtenExec } from './lxd-written.ts';

export function execRoutes({ store, operations, services }: LxdParts): Routes {
  /** Recorded output under its path; kept until it is deleted, as on the real one. */
  const logs = new Map<string, string>();

  function run(instance: string, [program = '', ...args]: string[], id: string): Outcome {
    const listeners = services.listenersOf(instance);
    const { paths, lines } = argumentsOf(program, args);
    const read = paths.map((path) => ({
      path,
      text: fileIn(instance, path) ?? kernelTable(path, listeners),
    }));
    const missing = read.filter(({ text }) => text === undefined);
    const place = `/1.0/instances/${instance}/logs/exec_${id}`;
    logs.set(`${place}.stdout`, read.map(({ text }) => lastLines(text ?? '', lines)).join(''));
    logs.set(
      `${place}.stderr`,
      missing.map(({ path }) => `${program}: can't open '${path}': No such file or directory\n`).join(''),
    );
    const output = { 1: `${place}.stdout`, 2: `${place}.stderr` };
    if (!PROGRAMS.includes(program)) return { err: 'Command not found', metadata: { output, return: 127 } };
    return { metadata: { output, return: missing.length === 0 ? 0 : 1 } };
  }

  const pathOf = (instance = '', file = '') => `/1.0/instances/${instance}/logs/${file}`;
  return {
    'POST instances/*/exec': ({ body }, name = '') => {
      const { command } = writtenExec.parse(body);
      if (!instanceNamed(store.state(), name).running) throw new LxdRefused(400, 'Instance is not running');
      return begun(operations.begin('Executing command', name, async (id) => run(name, command, id)));
    },
    'GET instances/*/logs': (_call, name = '') => {
      instanceNamed(store.state(), name);
      const own = [...logs.keys()].filter((path) => path.startsWith(pathOf(name)));
      return synced([pathOf(name, 'lxc.conf'), pathOf(name, 'lxc.log'), ...own]);
    },
    'GET instances/*/logs/*': (_call, name, file) => {
      const text = file === 'lxc.log' ? '' : logs.get(pathOf(name, file));
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

const PROGRAMS = ['cat', 'tail'];

/** `-n 5` before the paths, for `tail`. */
function argumentsOf(program: string, args: string[]): { paths: string[]; lines: number } {
  if (program === 'cat') return { paths: args, lines: Number.POSITIVE_INFINITY };
  if (program !== 'tail') return { paths: [], lines: 0 };
  return args[0] === '-n' ? { paths: args.slice(2), lines: Number(args[1]) } : { paths: args, lines: 10 };
}

function lastLines(text: string, count: number): string {
  return count === Number.POSITIVE_INFINITY
    ? text
    : text
        .split(/(?<=\n)/)
        .slice(-count)
        .join('');
}

/** What syslog would have written. */
function fileIn(instance: string, path: string): string | undefined {
  if (path === '/etc/passwd') return FILES[path];
  if (path !== '/var/log/messages') return undefined;
  const words = [
    'the sandbox has made this instance up',
    `${instance} serves what \`info ${instance}\` shows`,
  ];
  return words.map((line) => `Jan  1 00:00:00 ${instance} sandbox: ${line}\n`).join('');
}
