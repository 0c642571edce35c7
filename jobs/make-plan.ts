/** Looks at the world and has the pure planner plan a change. Changes nothing. */
import type { Plan } from '../src/core/plan.ts';
import { planExpose } from '../src/core/plan-expose.ts';
import { planUnexpose } from '../src/core/plan-unexpose.ts';
import { isRefusal, type Refusal, refuse } from '../src/core/refusal.ts';
import type { ChangeCommand, ExposeCommand, UnexposeCommand } from '../src/core/request.ts';
import type { ExposeWorld, HostWorld } from '../src/core/world.ts';
import { messageOf } from '../src/errors.ts';
import { knock } from '../src/outside/knock.ts';
import { findInstance } from './find-instance.ts';
import { observeHost } from './observe-host.ts';
import { observeListeners } from './observe-instance.ts';
import type { Host } from './tools.ts';

/**
 * The plan for a command as the world is now, or the refusal. Faults of a host that is needed are thrown.
 * @param before the plan that is being looked at again. What listens decides only between userspace and the roads before
 * it, and asking costs more than all else, so for a plan by another road it is not asked again.
 */
export async function makePlanFor(
  requestId: string,
  command: ChangeCommand,
  hosts: readonly Host[],
  signal?: AbortSignal,
  before?: Plan,
): Promise<Plan | Refusal> {
  if (command.action === 'unexpose') return planClosing(command, hosts, signal);
  return planOpening(
    requestId,
    command,
    hosts,
    before === undefined || before.door.road === 'userspace',
    signal,
  );
}

async function planOpening(
  id: string,
  command: ExposeCommand,
  hosts: readonly Host[],
  withListeners: boolean,
  signal?: AbortSignal,
) {
  const { instance: name, host: named } = command.target;
  const [only, other] = hosts.filter((host) => named === undefined || named === host.name);
  const look = (host: Host) => (withListeners ? observeListeners(host, name, signal) : undefined);
  // Where only one host can have it, what listens is asked while the instance is still looked for.
  const early = only !== undefined && other === undefined ? look(only) : undefined;
  const found = await findInstance(hosts, command.target, signal);
  if (isRefusal(found)) return found;
  const { host, instances, silentHosts } = found;
  const [world, listeners] = await Promise.all([observeHost(host, signal, instances), early ?? look(host)]);
  const instance = world.instances.find(({ name }) => name === command.target.instance);
  if (instance === undefined)
    return refuse('not_found', `\`${command.target.instance}\` has just gone from ${host.name}.`);
  const seen: ExposeWorld = {
    host: world,
    instance,
    answersAlready: false,
    silentHosts,
    ...(listeners && { listeners }),
  };
  const plan = planExpose(id, command, seen);
  if (isRefusal(plan) || !(await answersAlready(plan, world))) return plan;
  return planExpose(id, command, { ...seen, answersAlready: true });
}

/** A closing needs only hosts that answer; one that does not is named when nothing was found elsewhere. */
async function planClosing(command: UnexposeCommand, hosts: readonly Host[], signal?: AbortSignal) {
  const asked = hosts.filter(({ name }) => command.target.host === undefined || command.target.host === name);
  const results = await Promise.allSettled(asked.map((host) => observeHost(host, signal)));
  const worlds: HostWorld[] = results.flatMap((result) =>
    result.status === 'fulfilled' ? [result.value] : [],
  );
  const plan = planUnexpose(command, worlds);
  const failed = results.find((result) => result.status === 'rejected');
  if (failed === undefined || !isRefusal(plan) || plan.reason !== 'not_found') return plan;
  const message = `${plan.message} But not every host could be asked: ${messageOf(failed.reason)}.`;
  return refuse('host_silent', message, 'Try again, or look at `/lxd hosts`.');
}

/** LXD does not know what else listens on its host; only a knock tells. */
async function answersAlready({ door, steps }: Plan, world: HostWorld): Promise<boolean> {
  if (door.protocol === 'udp' || ownThingStands(door.id, world)) return false;
  const seen = await knock({ address: door.publicAddress, port: door.publicPort, timeoutMs: 700 });
  return steps.length > 0 && (seen.kind === 'open' || seen.kind === 'hung_up' || seen.kind === 'http');
}

function ownThingStands(door: string, world: HostWorld): boolean {
  return (
    world.forwards.some(({ ports }) => ports.some((port) => port.door === door)) ||
    world.proxies.some((proxy) => proxy.door === door)
  );
}
