/** Which handler answers a call to the pretended LXD. */
import { type LxdAnswer, LxdRefused } from './lxd-answer.ts';
import type { LxdConsoles } from './lxd-consoles.ts';
import type { LxdOperations } from './lxd-operations.ts';
import type { LxdServices } from './lxd-services.ts';
import type { LxdStore } from './lxd-store.ts';

export interface LxdCall {
  method: string;
  /** The parts of the path behind `/1.0`, decoded. */
  path: string[];
  query: URLSearchParams;
  body: unknown;
  ifMatch: string | undefined;
}

/** What handlers work with. */
export interface LxdParts {
  store: LxdStore;
  services: LxdServices;
  operations: LxdOperations;
  consoles: LxdConsoles;
  publicAddress: string;
}

export type Handler = (call: LxdCall, ...names: string[]) => LxdAnswer | Promise<LxdAnswer>;

/** Handlers under `GET instances/*`, a star for each name, which the handler is given. */
export type Routes = Record<string, Handler>;

/** @throws LxdRefused 404 for a path that is none, 501 for a method that it does not have, as the real one */
export async function dispatch(routes: Routes, call: LxdCall): Promise<LxdAnswer> {
  let known = false;
  for (const [key, handler] of Object.entries(routes)) {
    const [method, pattern = ''] = key.split(' ');
    const names = namesIn(pattern === '' ? [] : pattern.split('/'), call.path);
    if (names === undefined) continue;
    if (method === call.method) return handler(call, ...names);
    known = true;
  }
  throw known ? new LxdRefused(501, 'not implemented') : new LxdRefused(404, 'not found');
}

function namesIn(pattern: string[], path: string[]): string[] | undefined {
  if (pattern.length !== path.length) return undefined;
  const names: string[] = [];
  for (const [index, part] of pattern.entries()) {
    const given = path[index] ?? '';
    if (part === '*') names.push(given);
    else if (part !== given) return undefined;
  }
  return names;
}
