/** Keeps the pretended host listening on exactly the ports that its state asks for. */
import type { Log } from '../../log.ts';
import { LxdRefused } from './lxd-answer.ts';
import { letsIn } from './lxd-lets-in.ts';
import { openRelay, type Relay } from './lxd-relay.ts';
import type { LxdServices } from './lxd-services.ts';
import type { LxdState } from './lxd-state.ts';
import { listenError, type WantedDoor, wantedDoors } from './lxd-wanted-doors.ts';

export interface LxdDoors {
  /**
   * Opens and closes ports until they are those of `state`. @throws LxdRefused, and leaves all as it was, when a port is not to be
   * had. The kernel rules of a real host are never refused for that: they shadow whoever listens.
   */
  apply(state: LxdState): Promise<void>;
  /** The same after a restart: what cannot be opened is told to the log and left closed. */
  restore(state: LxdState): Promise<void>;
  stop(): void;
}

interface Open {
  relay: Relay;
  door: WantedDoor;
}

export function createDoors(services: LxdServices, publicAddress: string, log: Pick<Log, 'warn'>): LxdDoors {
  const open = new Map<string, Open>();
  let current: LxdState | undefined;
  let stopped = false;

  async function openDoor(key: string, door: WantedDoor): Promise<void> {
    const { protocol, address, port } = door;
    const opened = { door } as Open;
    opened.relay = await openRelay(protocol, address, port, (visitor) => routeOf(opened.door, visitor)).catch(
      (error) => {
        throw new LxdRefused(500, listenError(door, wordOf(error)));
      },
    );
    if (stopped) {
      opened.relay.close(true);
      throw new LxdRefused(503, 'the sandbox stops');
    }
    open.set(key, opened);
  }

  function routeOf({ protocol, target, kernel }: WantedDoor, visitor: string): number | undefined {
    const { address, port, instance } = target;
    if (instance === undefined || current === undefined) return undefined;
    const visit = { source: visitor, destination: address, port, protocol };
    if (kernel && !letsIn(current, visit)) return undefined;
    return services.find(instance, protocol, address, port);
  }

  function closeDoor(key: string): void {
    const { relay, door } = open.get(key) ?? {};
    // What the kernel has let in stays in; a process that copies takes its connections along.
    relay?.close(door?.kernel === false);
    open.delete(key);
  }

  /** Kernel rules for addresses that the host does not have are accepted and do nothing, as on a real one. */
  function listenable({ address, kernel }: WantedDoor): boolean {
    return !kernel || address === publicAddress || address.startsWith('127.');
  }

  function plan(state: LxdState): {
    fresh: [string, WantedDoor][];
    gone: string[];
    wanted: Map<string, WantedDoor>;
  } {
    const wanted = new Map([...wantedDoors(state)].filter(([, door]) => listenable(door)));
    const fresh = [...wanted].filter(([key]) => !open.has(key));
    return { fresh, gone: [...open.keys()].filter((key) => !wanted.has(key)), wanted };
  }

  function settle(state: LxdState, wanted: Map<string, WantedDoor>, gone: string[]): void {
    current = state;
    for (const key of gone) closeDoor(key);
    for (const [key, opened] of open) opened.door = wanted.get(key) ?? opened.door;
  }

  return {
    async apply(state) {
      const { fresh, gone, wanted } = plan(state);
      const done: string[] = [];
      try {
        for (const [key, door] of fresh) {
          await openDoor(key, door);
          done.push(key);
        }
      } catch (error) {
        for (const key of done) closeDoor(key);
        throw error;
      }
      settle(state, wanted, gone);
    },
    async restore(state) {
      const { fresh, gone, wanted } = plan(state);
      for (const [key, door] of fresh)
        await openDoor(key, door).catch((err) =>
          log.warn({ err, door: key }, 'a door of the sandbox stays closed'),
        );
      settle(state, wanted, gone);
    },
    stop() {
      stopped = true;
      for (const { relay } of open.values()) relay.close(true);
      open.clear();
    },
  };
}

function wordOf(error: { code?: string; message: string }): string {
  const words: Record<string, string> = {
    EADDRINUSE: 'address already in use',
    EACCES: 'permission denied',
    EADDRNOTAVAIL: 'cannot assign requested address',
    ERR_SOCKET_BAD_PORT: 'invalid port',
  };
  return words[error.code ?? ''] ?? error.message;
}
