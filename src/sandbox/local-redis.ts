/** A Redis where none is configured: the machine's redis-server with its data kept, else one in this process that forgets. */
import { mkdirSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { Fault } from '../errors.ts';
import { findProgram, startChild } from './child-program.ts';

export interface LocalRedis {
  /** For REDIS_URL: a socket's path, or redis://… */
  url: string;
  kind: 'redis-server' | 'in-process';
  stop(): Promise<void>;
}

/** The kernel's limit for the path of a socket is 108 bytes (unix(7)). */
const LONGEST_PATH = 100;

export interface LocalRedisOptions {
  folder: string;
  /** For the path of redis-server; undefined where there is none. */
  program: string | undefined;
}

/** @throws Fault part_missing with what to install when neither can be had */
export async function startLocalRedis({ folder, program }: LocalRedisOptions): Promise<LocalRedis> {
  const socket = join(folder, 'redis.sock');
  return program === undefined || socket.length > LONGEST_PATH
    ? inProcess()
    : ownServer(program, folder, socket);
}

export function findRedis(searchPath: string): Promise<string | undefined> {
  return findProgram('redis-server', searchPath);
}

async function ownServer(program: string, folder: string, socket: string): Promise<LocalRedis> {
  const dir = join(folder, 'redis');
  mkdirSync(dir, { recursive: true });
  // The append-only file keeps everything; snapshots beside it would stop all writes where the machine cannot fork.
  const durable = ['--appendonly', 'yes', '--save', '', '--dir', dir, '--maxmemory-policy', 'noeviction'];
  const args = ['--port', '0', '--unixsocket', socket, '--unixsocketperm', '700', ...durable];
  const child = await startChild({
    program,
    args,
    ready: () => answersPing(socket),
    readyMs: 10_000,
    pidFile: join(folder, 'redis-server.pid'),
  });
  return { url: socket, kind: 'redis-server', stop: child.stop };
}

function answersPing(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const end = (answers: boolean) => {
      socket.destroy();
      resolve(answers);
    };
    socket.setTimeout(500, () => end(false));
    socket.on('error', () => end(false));
    socket.on('connect', () => socket.write('PING\r\n'));
    socket.on('data', (data) => end(data.toString().startsWith('+PONG')));
  });
}

async function inProcess(): Promise<LocalRedis> {
  const name = 'js-redis-server';
  try {
    const { createRedisMock } = (await import(name)) as typeof import('js-redis-server');
    const server = await createRedisMock();
    const [address] = server.addresses();
    if (typeof address !== 'object') throw new Error('it has no address');
    const url = `redis://${address.host}:${address.port}`;
    return { url, kind: 'in-process', stop: () => server.close() };
  } catch (error) {
    const message =
      'There is no Redis: set REDIS_URL, or install redis-server (or the development packages, `npm ci`)';
    throw new Fault('part_missing', message, { cause: error });
  }
}
