/** Verbs on networks, their forwards and ACLs. */
import { z } from 'zod';
import { isFault } from '../errors.ts';
import type { Caller } from './caller.ts';
import { rewrite } from './instances.ts';
import {
  acl,
  forward,
  type LxdAcl,
  type LxdForward,
  type LxdNetwork,
  type LxdNetworkState,
  network,
  networkState,
} from './schemas.ts';

export interface Networks {
  /** Networks that LXD manages and the host's other interfaces. */
  listNetworks(signal?: AbortSignal): Promise<LxdNetwork[]>;
  getNetworkState(name: string, signal?: AbortSignal): Promise<LxdNetworkState>;
  /** Read, change, write with If-Match. undefined: nothing to do. */
  updateNetwork(
    name: string,
    change: (current: LxdNetwork) => LxdNetwork | undefined,
    signal?: AbortSignal,
  ): Promise<void>;
  listForwards(network: string, signal?: AbortSignal): Promise<LxdForward[]>;
  getForward(network: string, listenAddress: string, signal?: AbortSignal): Promise<LxdForward | undefined>;
  createForward(network: string, forward: LxdForward, signal?: AbortSignal): Promise<void>;
  /** Replaces the whole forward. LXD checks no ETag here: hold a lock over reading and writing. */
  putForward(
    network: string,
    listenAddress: string,
    forward: LxdForward,
    signal?: AbortSignal,
  ): Promise<void>;
  deleteForward(network: string, listenAddress: string, signal?: AbortSignal): Promise<void>;
  getAcl(name: string, signal?: AbortSignal): Promise<LxdAcl | undefined>;
  createAcl(acl: LxdAcl, signal?: AbortSignal): Promise<void>;
  updateAcl(
    name: string,
    change: (current: LxdAcl) => LxdAcl | undefined,
    signal?: AbortSignal,
  ): Promise<void>;
  deleteAcl(name: string, signal?: AbortSignal): Promise<void>;
}

export function createNetworks(caller: Caller): Networks {
  const networkPath = (name: string) => `/networks/${encodeURIComponent(name)}`;
  const forwardPath = (name: string, listen: string) =>
    `${networkPath(name)}/forwards/${encodeURIComponent(listen)}`;
  const aclPath = (name: string) => `/network-acls/${encodeURIComponent(name)}`;

  return {
    async listNetworks(signal) {
      return (await caller.get('reading networks', '/networks?recursion=1', z.array(network), signal)).value;
    },

    async getNetworkState(name, signal) {
      return (
        await caller.get(`reading the state of ${name}`, `${networkPath(name)}/state`, networkState, signal)
      ).value;
    },

    async updateNetwork(name, change, signal) {
      await rewrite(async () => {
        const { value, etag } = await caller.get(`reading ${name}`, networkPath(name), network, signal);
        const next = change(value);
        if (next === undefined) return;
        const body = { config: next.config, description: next.description ?? '' };
        await caller.change(
          `changing ${name}`,
          { method: 'PUT', path: networkPath(name), body, etag },
          signal,
        );
      });
    },

    async listForwards(name, signal) {
      const path = `${networkPath(name)}/forwards?recursion=1`;
      return (await caller.get(`reading forwards of ${name}`, path, z.array(forward), signal)).value;
    },

    getForward: (name, listen, signal) =>
      present(() =>
        caller.get(`reading the forward of ${listen}`, forwardPath(name, listen), forward, signal),
      ),

    async createForward(name, body, signal) {
      const path = `${networkPath(name)}/forwards`;
      await caller.change(
        `creating the forward of ${body.listen_address}`,
        { method: 'POST', path, body },
        signal,
      );
    },

    async putForward(name, listen, { config, description, ports }, signal) {
      // Never PATCH: 5.0.2 drops the connection without a reply when config is left out (measured).
      const body = { config, description, ports };
      await caller.change(
        `changing the forward of ${listen}`,
        { method: 'PUT', path: forwardPath(name, listen), body },
        signal,
      );
    },

    async deleteForward(name, listen, signal) {
      await caller.change(
        `deleting the forward of ${listen}`,
        { method: 'DELETE', path: forwardPath(name, listen) },
        signal,
      );
    },

    getAcl: (name, signal) =>
      present(() => caller.get(`reading the ACL ${name}`, aclPath(name), acl, signal)),

    async createAcl(body, signal) {
      await caller.change(
        `creating the ACL ${body.name}`,
        { method: 'POST', path: '/network-acls', body },
        signal,
      );
    },

    async updateAcl(name, change, signal) {
      await rewrite(async () => {
        const { value, etag } = await caller.get(`reading the ACL ${name}`, aclPath(name), acl, signal);
        const next = change(value);
        if (next === undefined) return;
        const { config, description, ingress, egress } = next;
        const body = { config, description, ingress, egress };
        await caller.change(
          `changing the ACL ${name}`,
          { method: 'PUT', path: aclPath(name), body, etag },
          signal,
        );
      });
    },

    async deleteAcl(name, signal) {
      await caller.change(`deleting the ACL ${name}`, { method: 'DELETE', path: aclPath(name) }, signal);
    },
  };
}

async function present<T>(read: () => Promise<{ value: T }>): Promise<T | undefined> {
  try {
    return (await read()).value;
  } catch (error) {
    if (isFault(error, 'lxd_not_found')) return undefined;
    throw error;
  }
}
