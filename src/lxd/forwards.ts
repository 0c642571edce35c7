/**
 * Verbs on network forwards. LXD does not check ETags here (measured on 5.0.2; its source of 5.21 and 6 has no check either),
 * and a write replaces the whole list of ports: whoever writes must hold a lock for the listen address.
 */
import { isFault } from '../errors.ts';
import type { Rest } from './call.ts';
import { pathOf } from './rest.ts';
import { forward, forwards } from './schemas.ts';
import type { LxdForward } from './types.ts';

export interface ForwardVerbs {
  /** @throws Fault lxd_not_found where there is no such network */
  listForwards(network: string, signal?: AbortSignal): Promise<LxdForward[]>;
  /** undefined where there is none, or no such network. */
  getForward(network: string, listenAddress: string, signal?: AbortSignal): Promise<LxdForward | undefined>;
  /**
   * LXD accepts any listen address, also one that the host does not have: such a forward does nothing.
   * @throws Fault lxd_conflict where there is one; lxd_refused for what LXD finds wrong with it
   */
  createForward(network: string, forward: LxdForward, signal?: AbortSignal): Promise<void>;
  /** Replaces description, config and ports. @throws Fault lxd_not_found where there is none */
  putForward(
    network: string,
    listenAddress: string,
    forward: Omit<LxdForward, 'listen_address'>,
    signal?: AbortSignal,
  ): Promise<void>;
  /** @throws Fault lxd_not_found where there is none */
  deleteForward(network: string, listenAddress: string, signal?: AbortSignal): Promise<void>;
}

export function forwardVerbs(rest: Rest): ForwardVerbs {
  const path = (network: string, ...more: string[]): string =>
    pathOf('networks', network, 'forwards', ...more);

  return {
    listForwards: async (network, signal) => {
      const doing = `reading forwards of ${network}`;
      const { value } = await rest.get(forwards, {
        doing,
        path: path(network),
        query: { recursion: '1' },
        signal,
      });
      return value;
    },
    getForward: async (network, listenAddress, signal) => {
      const doing = `reading forward ${listenAddress} of ${network}`;
      try {
        return (await rest.get(forward, { doing, path: path(network, listenAddress), signal })).value;
      } catch (error) {
        if (isFault(error, 'lxd_not_found')) return undefined;
        throw error;
      }
    },
    createForward: async (network, body, signal) => {
      const doing = `creating forward ${body.listen_address} of ${network}`;
      await rest.change({ doing, method: 'POST', path: path(network), body, signal });
    },
    putForward: async (network, listenAddress, { description, config, ports, ...unknown }, signal) => {
      // All three always: LXD 5.0.2 drops the connection over a forward whose config is left out (measured).
      const body = { ...unknown, description, config, ports };
      const doing = `changing forward ${listenAddress} of ${network}`;
      await rest.change({ doing, method: 'PUT', path: path(network, listenAddress), body, signal });
    },
    deleteForward: async (network, listenAddress, signal) => {
      const doing = `deleting forward ${listenAddress} of ${network}`;
      await rest.change({ doing, method: 'DELETE', path: path(network, listenAddress), signal });
    },
  };
}
