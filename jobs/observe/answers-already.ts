/** Whether something that LXD does not know of answers already where a door is to be. */
import type { DoorPlan } from '../../src/core/plan.ts';
import type { HostWorld } from '../../src/core/world.ts';
import { knock } from '../../src/outside/knock.ts';

/** LXD does not know what else listens on its host; only a knock tells. */
export async function answersAlready({ door, steps }: DoorPlan, world: HostWorld): Promise<boolean> {
  const { protocol, publicAddress: address } = door;
  if (protocol === 'udp' || address === undefined || ownThingStands(door.id, world)) return false;
  const seen = await knock({ address, port: door.publicPort, timeoutMs: 700 });
  return steps.length > 0 && (seen.kind === 'open' || seen.kind === 'hung_up' || seen.kind === 'http');
}

function ownThingStands(door: string, world: HostWorld): boolean {
  return (
    world.forwards.some(({ ports }) => ports.some((port) => port.door === door)) ||
    world.proxies.some((proxy) => proxy.door === door)
  );
}
