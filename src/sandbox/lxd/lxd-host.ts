/**
 * A stand-in for an LXD host: the part of LXD's REST API that Drawbridge speaks, on a unix socket, with pretended instances whose
 * doors are real ports. For `npm start` on machines without LXD, and for tests; needs no rights.
 */
import type { Log } from '../../log.ts';
import { aclRoutes } from './lxd-acl-routes.ts';
import { createConsoles } from './lxd-consoles.ts';
import { createDoors } from './lxd-doors.ts';
import { changesBetween, createEvents } from './lxd-events.ts';
import { execRoutes } from './lxd-exec-routes.ts';
import { forwardRoutes } from './lxd-forward-routes.ts';
import { instanceRoutes } from './lxd-instance-routes.ts';
import { lifeRoutes } from './lxd-life-routes.ts';
import { listenForLxd } from './lxd-listener.ts';
import { logRoutes } from './lxd-log-routes.ts';
import { networkRoutes } from './lxd-network-routes.ts';
import { createOperations } from './lxd-operations.ts';
import { resourceRoutes } from './lxd-resource-routes.ts';
import { dispatch, type LxdParts, type Routes } from './lxd-routes.ts';
import { serverRoutes } from './lxd-server-routes.ts';
import { startServices } from './lxd-services.ts';
import { snapshotRoutes } from './lxd-snapshot-routes.ts';
import type { LxdState } from './lxd-state.ts';
import { createStore, loadState } from './lxd-store.ts';

export interface SandboxHostOptions {
  /** Where to answer; a socket that is there already is replaced. */
  socket: string;
  /** An address of this machine, for the doors. */
  publicAddress: string;
  /** Where doors are kept over restarts; absent: nowhere. */
  stateFile?: string;
  log: Pick<Log, 'info' | 'warn' | 'error'>;
}

export interface SandboxHost {
  start(): Promise<void>;
  /** Closes every door; those in the state file open again at the next start. */
  stop(): Promise<void>;
}

export function createSandboxHost(options: SandboxHostOptions): SandboxHost {
  let stopAll: (() => Promise<void>) | undefined;
  return {
    async start() {
      stopAll ??= await startHost(options);
    },
    async stop() {
      const stopping = stopAll;
      stopAll = undefined;
      await stopping?.();
    },
  };
}

/** @returns what stops it all again */
async function startHost({
  socket,
  publicAddress,
  stateFile,
  log,
}: SandboxHostOptions): Promise<() => Promise<void>> {
  const services = await startServices();
  const doors = createDoors(services, publicAddress, log);
  const operations = createOperations();
  const closeAll = async () => {
    operations.stop();
    doors.stop();
    await services.stop();
  };
  try {
    const state = await loadState(stateFile, log);
    await services.follow(namesIn(state));
    await doors.restore(state);
    const events = createEvents();
    const store = createStore(state, stateFile, async (next) => {
      await services.follow(namesIn(next));
      await doors.apply(next);
    });
    store.changed((before, after) => events.tell(changesBetween(before, after)));
    const consoles = createConsoles(namesIn(state));
    const routes = routesOf({ store, services, operations, consoles, publicAddress });
    const listener = await listenForLxd(socket, (call) => dispatch(routes, call), events, log);
    log.info({ socket, publicAddress, doors: state.forwards.length }, 'the sandbox LXD answers');
    return async () => {
      await listener.close();
      await closeAll();
    };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

function namesIn({ instances }: LxdState): string[] {
  return instances.map(({ name }) => name);
}

function routesOf(parts: LxdParts): Routes {
  return {
    ...serverRoutes(parts),
    ...resourceRoutes(),
    ...instanceRoutes(parts),
    ...lifeRoutes(parts),
    ...snapshotRoutes(parts),
    ...logRoutes(parts),
    ...execRoutes(parts),
    ...networkRoutes(parts),
    ...forwardRoutes(parts),
    ...aclRoutes(parts),
  };
}
