/** The doors about which a request is under way: they are left alone until it has ended. */

import { doorOf, isDoorPlan, type Plan } from '../../src/core/plan.ts';
import type { RequestRecord } from '../../src/core/record.ts';
import { doorIdOf } from '../../src/core/tags/door-tag.ts';
import type { Tools } from '../tools.ts';

/** A door, as far as a request can name it. */
export interface SomeDoor {
  id: string;
  host: string;
  instance: string;
  port: number;
  protocol: string;
}

export interface Busy {
  has(door: SomeDoor): boolean;
  /** Whether a request that is under way makes, or made, a door of this id. */
  makes(id: string): boolean;
}

/** @param except the request that asks */
export async function busyDoors({ records }: Pick<Tools, 'records'>, except?: string): Promise<Busy> {
  const open = (await records.requests.open()).filter((id) => id !== except);
  const all = await Promise.all(open.map((id) => records.requests.get(id)));
  const under = all.filter((record) => record !== undefined && record.state !== 'ended') as RequestRecord[];
  const ids = new Set(under.flatMap(idsOf));
  return {
    has: (door) => ids.has(door.id) || under.some((record) => touches(record, door)),
    makes: (id) => ids.has(id),
  };
}

function idsOf({ asked, plan }: RequestRecord): string[] {
  const { command } = asked;
  const named = 'door' in command && command.door !== undefined ? [command.door] : [];
  return [doorIdOf(asked.id), ...named, ...(plan === undefined ? [] : idsInPlan(plan))];
}

function idsInPlan(plan: Plan): string[] {
  const own = doorOf(plan);
  const of = isDoorPlan(plan) ? [] : [...plan.closes, ...(plan.reopens ?? [])];
  return [...(own === undefined ? [] : [own]), ...of].map(({ id }) => id);
}

/** What the command says, before there is a plan, and while an instance is stopped, restarted or put back. */
function touches({ asked: { command }, state }: RequestRecord, door: SomeDoor): boolean {
  if (!('target' in command)) {
    const host = 'host' in command ? command.host : 'name' in command ? command.name : undefined;
    return state === 'applying' && (host === undefined ? command.action === 'panic' : host === door.host);
  }
  const { target } = command;
  if (target.instance !== door.instance) return false;
  if (target.host !== undefined && target.host !== door.host) return false;
  if ('port' in command) return command.port === door.port && command.protocol === door.protocol;
  // What only waits for somebody's word changes nothing.
  return state !== 'waiting';
}
