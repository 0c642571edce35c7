/** Plans the closing of a door from the tags that stand on the hosts. */
import type { CloudWorld } from './cloud-world.ts';
import { type DoorPlan, type DoorSpec, makePlan, type Step } from './plan.ts';
import { standingServerDoors } from './plan-server.ts';
import { type Refusal, refuse } from './refusal.ts';
import { nameOf, portOf, type UnexposeCommand } from './request.ts';
import { type StandingDoor, standingDoors } from './standing-doors.ts';
import { publicSideOf } from './step-words.ts';
import { coversPort, type HostWorld } from './world.ts';

/** A plan that closes the one door that fits, or a refusal that names the doors there are. */
export function planUnexpose(
  command: UnexposeCommand,
  hosts: readonly HostWorld[],
  clouds: readonly CloudWorld[] = [],
): DoorPlan | Refusal {
  const { target } = command;
  const all = hosts.filter(
    ({ host }) => target.server !== true && (target.host === undefined || target.host === host),
  );
  const doors = target.server === true ? clouds.flatMap(standingServerDoors) : all.flatMap(standingDoors);
  const fitting = doors.filter(({ door }) => fits(command, door));
  const [first, second] = fitting;
  if (first === undefined) return nothingFits(command, all, doors);
  if (second !== undefined) return severalFit(command, fitting);
  const steps = closingSteps(first);
  return makePlan({
    action: 'close',
    door: first.door,
    steps,
    why: ['closing goes from the outside in'],
    warnings: ['connections that are open now live on until they end: LXD does not cut them'],
  });
}

/** The steps that close a door: its things from the outside in. */
export function closingSteps({ things }: StandingDoor): Step[] {
  return [...things].reverse().map((thing) => ({ do: 'remove', thing }));
}

function fits(command: UnexposeCommand, door: DoorSpec): boolean {
  return (
    door.instance === command.target.instance &&
    (command.target.host === undefined || command.target.host === door.host) &&
    door.port === command.port &&
    door.protocol === command.protocol &&
    (command.publicPort === undefined || door.publicPort === command.publicPort) &&
    (command.publicAddress === undefined || door.publicAddress === command.publicAddress)
  );
}

function nothingFits(
  command: UnexposeCommand,
  hosts: readonly HostWorld[],
  doors: readonly StandingDoor[],
): Refusal {
  const service = `${nameOf(command.target)}:${portOf(command.port, command.protocol)}`;
  const foreign = foreignDoor(command, hosts);
  if (foreign !== undefined) {
    const message = `${foreign} leads to ${service}, but Drawbridge did not open it and leaves it alone.`;
    return refuse('not_ours', message, 'Remove it with `lxc`, if nobody needs it.');
  }
  const other = doors.filter(({ door }) => door.instance === command.target.instance);
  const next =
    other.length === 0
      ? '`/lxd doors` shows what is open.'
      : `Open are: ${other.map(({ door }) => unexposeLine(door)).join(', ')}.`;
  return refuse('not_found', `There is no door to ${service}.`, next);
}

function severalFit(command: UnexposeCommand, doors: readonly StandingDoor[]): Refusal {
  const service = `${nameOf(command.target)}:${portOf(command.port, command.protocol)}`;
  const lines = doors.map(({ door }) => unexposeLine(door));
  return refuse('ambiguous', `${service} has ${doors.length} doors.`, `Say which: ${lines.join(', ')}.`);
}

function unexposeLine(door: DoorSpec): string {
  const { host, instance, road, publicAddress, publicPort } = door;
  const target = nameOf({ host, instance, ...(road === 'server' && { server: true }) });
  const at = publicAddress === undefined ? publicPort : `${publicAddress}:${publicPort}`;
  return `\`unexpose ${target} ${portOf(door.port, door.protocol)} as ${at}\``;
}

function foreignDoor(
  { target, port, protocol }: UnexposeCommand,
  hosts: readonly HostWorld[],
): string | undefined {
  for (const host of hosts) {
    const nics = host.instances.find(({ name }) => name === target.instance)?.nics ?? [];
    for (const forward of host.forwards) {
      const hit = forward.ports.find(
        (each) =>
          each.door === undefined &&
          each.protocol === protocol &&
          nics.some(({ address }) => address === each.targetAddress) &&
          coversPort(each.targetPort, port),
      );
      if (hit !== undefined)
        return publicSideOf({ publicAddress: forward.listenAddress, publicPort: hit.listenPort, protocol });
    }
    const proxy = host.proxies.find(
      (each) =>
        each.door === undefined &&
        each.protocol === protocol &&
        each.instance === target.instance &&
        coversPort(each.connectPort, port),
    );
    if (proxy !== undefined)
      return publicSideOf({ publicAddress: proxy.listenAddress, publicPort: proxy.listenPort, protocol });
  }
  return undefined;
}
