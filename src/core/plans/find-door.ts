/** Finds the open door that a command names, by the tags that stand on the hosts. Pure. */

import type { CloudWorld } from '../cloud-world.ts';
import { canonicalCommand } from '../commands/canonical-command.ts';
import type { DoorSpec } from '../plan.ts';
import { type Refusal, refuse } from '../refusal.ts';
import {
  type AdoptCommand,
  type ExtendCommand,
  nameOf,
  portOf,
  type RepairCommand,
  type UnexposeCommand,
} from '../request.ts';
import { publicSideOf } from '../step-words.ts';
import { remainingThings } from '../tags/remaining-things.ts';
import { type StandingDoor, standingDoors } from '../tags/standing-doors.ts';
import { coversPort, type HostWorld } from '../world.ts';
import { standingServerDoors } from './plan-server.ts';

/** What names a door that is open. */
export type WantedDoor = UnexposeCommand | ExtendCommand | RepairCommand | AdoptCommand;

/** The one door that fits, or a refusal that names the doors there are. */
export function findDoor(
  command: WantedDoor,
  hosts: readonly HostWorld[],
  clouds: readonly CloudWorld[] = [],
): StandingDoor | Refusal {
  const { target } = command;
  const all = hosts.filter(
    ({ host }) => target.server !== true && (target.host === undefined || target.host === host),
  );
  const doors = target.server === true ? clouds.flatMap(standingServerDoors) : all.flatMap(standingDoors);
  const fitting = doors.filter(({ door }) => fits(command, door));
  const [first, second] = fitting;
  if (first === undefined) return remainsOf(command, all) ?? nothingFits(command, all, doors);
  return second === undefined ? first : severalFit(command, fitting);
}

/** Where one door is meant and stands no longer: what is left of it, for closing. */
function remainsOf(command: WantedDoor, hosts: readonly HostWorld[]): StandingDoor | undefined {
  const id = command.action === 'unexpose' ? command.door : undefined;
  if (id === undefined) return undefined;
  for (const host of hosts) {
    const found = remainingThings(id, host);
    if (found !== undefined) return found;
  }
  return undefined;
}

function fits(command: WantedDoor, door: DoorSpec): boolean {
  if (command.action !== 'extend' && command.door !== undefined) return door.id === command.door;
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
  command: WantedDoor,
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
      : `Open are: ${other.map(({ door }) => lineFor(command, door)).join(', ')}.`;
  return refuse('not_found', `There is no door to ${service}.`, next);
}

function severalFit(command: WantedDoor, doors: readonly StandingDoor[]): Refusal {
  const service = `${nameOf(command.target)}:${portOf(command.port, command.protocol)}`;
  const lines = doors.map(({ door }) => lineFor(command, door));
  return refuse('ambiguous', `${service} has ${doors.length} doors.`, `Say which: ${lines.join(', ')}.`);
}

/** The same command for a door that there is. */
function lineFor(command: WantedDoor, door: DoorSpec): string {
  const { host, instance, road, port, protocol, publicAddress, publicPort } = door;
  const target = { host, instance, ...(road === 'server' && { server: true as const }) };
  const side = { publicPort, ...(publicAddress !== undefined && { publicAddress }) };
  return `\`${canonicalCommand({ ...command, target, port, protocol, ...side })}\``;
}

function foreignDoor(
  { target, port, protocol }: WantedDoor,
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
