/** What putting and removing a thing needs. */
import type { DoorSpec } from '../src/core/plan.ts';
import { Fault } from '../src/errors.ts';
import type { LxdClient } from '../src/lxd/client.ts';
import type { Locks } from '../src/records/locks.ts';
import type { Cloud, Tools } from './tools.ts';

/** For everything that a step may touch. */
export interface StepTools extends Pick<Tools, 'hosts' | 'clouds' | 'records' | 'log'> {
  /** The request on whose behalf it is done. */
  request: string;
  /** The door that the thing belongs to, if it belongs to one. */
  door?: DoorSpec;
  signal: AbortSignal;
  /** Tells the people how far a long step is. From here on it only looks and waits, and is cut short where the request is cancelled. */
  say(progress: string): Promise<void>;
  /** Tells the same of a step that has still something to change. */
  mention(progress: string): Promise<void>;
}

/** For things of a door on one host. */
export interface ThingTools {
  client: LxdClient;
  locks: Locks;
  /** The door that the thing belongs to; its tag goes on whatever is made. */
  door: DoorSpec;
  signal: AbortSignal;
}

/** @throws Fault host_unknown */
export async function clientOf(name: string, { hosts }: Pick<StepTools, 'hosts'>): Promise<LxdClient> {
  const host = (await hosts.list()).find((each) => each.name === name);
  if (host === undefined) throw new Fault('host_unknown', `the host ${name} is no longer known`);
  return host.client;
}

/** @throws Fault host_unknown */
export function cloudOf(name: string, { clouds }: Pick<StepTools, 'clouds'>): Cloud {
  const cloud = clouds.find((each) => each.name === name);
  if (cloud === undefined)
    throw new Fault('host_unknown', `the cloud ${name} is no longer in the configuration`);
  return cloud;
}

/** The tools for a thing on the LXD of `host`. */
export async function onHost(host: string, tools: StepTools): Promise<ThingTools> {
  const { records, door, signal } = tools;
  if (door === undefined) throw new Error('a thing of a door is put without its door');
  return { client: await clientOf(host, tools), locks: records.locks, door, signal };
}
