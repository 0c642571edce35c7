/** Carries out one step. Each may be carried out any number of times; the world is the same afterwards. */
import type { DoorSpec, Step, Thing } from '../src/core/plan.ts';
import { Fault } from '../src/errors.ts';
import { putFilter, removeFilter } from './things/filter.ts';
import { putForward, removeForward } from './things/forward.ts';
import { putPin, removePin } from './things/pin.ts';
import { putProxy, removeProxy } from './things/proxy.ts';
import type { ThingTools } from './things/thing-tools.ts';
import type { Tools } from './tools.ts';

/** @throws Fault of LXD, or foreign_object where something stands that Drawbridge did not make */
export async function carryOut(
  step: Step,
  door: DoorSpec,
  { hosts, records }: Tools,
  signal: AbortSignal,
): Promise<void> {
  const host = hosts.find(({ name }) => name === step.thing.host);
  if (host === undefined) {
    throw new Fault('host_unknown', `the host ${step.thing.host} is no longer in the configuration`);
  }
  const tools: ThingTools = { client: host.client, locks: records.locks, door, signal };
  await (step.do === 'put' ? put(step.thing, tools) : remove(step.thing, tools));
}

function put(thing: Thing, tools: ThingTools): Promise<void> {
  switch (thing.kind) {
    case 'pin':
      return putPin(thing, tools);
    case 'filter':
      return putFilter(thing, tools);
    case 'forward':
      return putForward(thing, tools);
    case 'proxy':
      return putProxy(thing, tools);
  }
}

function remove(thing: Thing, tools: ThingTools): Promise<void> {
  switch (thing.kind) {
    case 'pin':
      return removePin(thing, tools);
    case 'filter':
      return removeFilter(thing, tools);
    case 'forward':
      return removeForward(thing, tools);
    case 'proxy':
      return removeProxy(thing, tools);
  }
}
