/** Plans the closing of a door from the tags that stand on the hosts. */
import { type DoorSpec, makePlan, type Plan } from './plan.ts';
import { type Refusal, refuse } from './refusal.ts';
import { nameOf, portOf, type UnexposeCommand } from './request.ts';
import { type StandingDoor, standingDoors } from './standing-doors.ts';
import { publicSideOf } from './step-words.ts';
import { coversPort, type HostWorld } from './world.ts';

/** A plan that closes the one door that fits, or a refusal that names the doors there are. */
export function planUnexpose(command: UnexposeCommand, hosts: readonly HostWorld[]): Plan | Refusal {
  const all = hosts.filter(({ host }) => command.target.host === undefined || command.target.host === host);
  const fitting = all.flatMap(standingDoors).filter(({ door }) => fits(command, door));
  const [first, second] = fitting;
  if (first === undefined) return nothingFits(command, all);
  if (second !== undefined) return severalFit(command, fitting);
  const steps = [...first.things].reverse().map((thing) => ({ do: 'remove', thing }) as const);
  return makePlan({
    action: 'close',
    door: first.door,
    steps,
    why: ['closing goes from the outside in'],
    warnings: ['connections that are open now live on until they end: LXD does not cut them'],
  });
}

function fits(command: UnexposeCommand, door: DoorSpec): boolean {
  return (
    door.instance === command.target.instance &&
    door.port === command.port &&
    door.protocol === command.protocol &&
    (command.publicPort === undefined || door.publicPort === command.publicPort) &&
    (command.publicAddress === undefined || door.publicAddress === command.publicAddress)
  );
}

function nothingFits(command: UnexposeCommand, hosts: readonly HostWorld[]): Refusal {
  const service = `${nameOf(command.target)}:${portOf(command.port, command.protocol)}`;
  const foreign = foreignDoor(command, hosts);
  if (foreign !== undefined) {
    const message = `${foreign} leads to ${service}, but Drawbridge did not open it and leaves it alone.`;
    return refuse('not_ours', message, 'Remove it with `lxc`, if nobody needs it.');
  }
  const other = hosts.flatMap(standingDoors).filter(({ door }) => door.instance === command.target.instance);
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
  return `\`unexpose ${door.host}/${door.instance} ${portOf(door.port, door.protocol)} as ${door.publicAddress}:${door.publicPort}\``;
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
