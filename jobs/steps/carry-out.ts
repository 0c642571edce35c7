/** Carries out one step. Each may be carried out any number of times; the world is the same afterwards. */
import type { Step } from '../../src/core/plan.ts';
import type { Thing, ThingOf } from '../../src/core/thing.ts';
import { putFloatingIp, removeFloatingIp } from '../cloud-things/floating-ip.ts';
import { putGroup, removeGroup } from '../cloud-things/group.ts';
import { putPair, removePair } from '../cloud-things/pair.ts';
import { putPlug, removePlug } from '../cloud-things/plug.ts';
import { putPort, removePort } from '../cloud-things/port.ts';
import { putPortForwarding, removePortForwarding } from '../cloud-things/port-forwarding.ts';
import { putRule, removeRule } from '../cloud-things/rule.ts';
import { putKeyPair, putServer, removeKeyPair, removeServer } from '../cloud-things/server.ts';
import { onHost, type StepTools, type ThingTools } from '../thing-tools.ts';
import { putDrained, removeDrained } from '../things/drained.ts';
import { putEnd, removeEnd } from '../things/end.ts';
import { putEntry, removeEntry } from '../things/entry.ts';
import { putFilter, removeFilter } from '../things/filter.ts';
import { putForward, removeForward } from '../things/forward.ts';
import { putForwards, removeForwards } from '../things/forwards.ts';
import { putGuard, putGuardEnd, removeGuard, removeGuardEnd } from '../things/guard.ts';
import { putInstance, removeInstance } from '../things/instance.ts';
import { putKnownHost, removeKnownHost } from '../things/known-host.ts';
import { putNic, removeNic } from '../things/nic.ts';
import { putPanic, removePanic } from '../things/panic.ts';
import { putPin, removePin } from '../things/pin.ts';
import { putPower, removePower } from '../things/power.ts';
import { putProxy, removeProxy } from '../things/proxy.ts';
import { putRestored, removeRestored } from '../things/restored.ts';
import { putSnapshot, removeSnapshot } from '../things/snapshot.ts';

interface Handler<T> {
  put(thing: T, tools: StepTools): Promise<void>;
  remove(thing: T, tools: StepTools): Promise<void>;
}

/** How each kind of thing is put and removed. */
const HANDLERS: { [Kind in Thing['kind']]: Handler<ThingOf<Kind>> } = {
  pin: ofDoor(putPin, removePin),
  filter: ofDoor(putFilter, removeFilter),
  forward: ofDoor(putForward, removeForward),
  forwards: { put: putForwards, remove: removeForwards },
  guard: { put: putGuard, remove: removeGuard },
  guard_end: { put: putGuardEnd, remove: removeGuardEnd },
  proxy: ofDoor(putProxy, removeProxy),
  nic: { put: putNic, remove: removeNic },
  group: { put: putGroup, remove: removeGroup },
  rule: { put: putRule, remove: removeRule },
  floating_ip: { put: putFloatingIp, remove: removeFloatingIp },
  port: { put: putPort, remove: removePort },
  pair: { put: putPair, remove: removePair },
  plug: { put: putPlug, remove: removePlug },
  port_forwarding: { put: putPortForwarding, remove: removePortForwarding },
  key_pair: { put: putKeyPair, remove: removeKeyPair },
  server: { put: putServer, remove: removeServer },
  known_host: { put: putKnownHost, remove: removeKnownHost },
  drained: { put: putDrained, remove: removeDrained },
  panic: { put: putPanic, remove: removePanic },
  instance: { put: putInstance, remove: removeInstance },
  power: { put: putPower, remove: removePower },
  snapshot: { put: putSnapshot, remove: removeSnapshot },
  end: { put: putEnd, remove: removeEnd },
  entry: { put: putEntry, remove: removeEntry },
  restored: { put: putRestored, remove: removeRestored },
};

/** @throws Fault of LXD or OpenStack, or foreign_object where something stands that Drawbridge did not make */
export async function carryOut(step: Step, tools: StepTools): Promise<void> {
  const { thing, door = tools.door } = step;
  const handler = HANDLERS[thing.kind] as Handler<Thing>;
  const own = { ...tools, ...(door && { door }) };
  await (step.do === 'put' ? handler.put(thing, own) : handler.remove(thing, own));
}

/** Things on one host's LXD that carry the tag of their door. */
function ofDoor<T extends { host: string }>(
  put: (thing: T, tools: ThingTools) => Promise<void>,
  remove: (thing: T, tools: ThingTools) => Promise<void>,
): Handler<T> {
  return {
    put: async (thing, tools) => put(thing, await onHost(thing.host, tools)),
    remove: async (thing, tools) => remove(thing, await onHost(thing.host, tools)),
  };
}
