/** Which ports the pretended host should listen on, from its forwards and proxy devices. */
import { LxdRefused } from './lxd-answer.ts';
import { portsOf, proxyOf } from './lxd-devices.ts';
import { expandedDevices, type LxdState, type SandboxInstance } from './lxd-state.ts';

export interface WantedDoor {
  protocol: 'tcp' | 'udp';
  address: string;
  port: number;
  /** Where it leads, as the pretended host sees it. */
  target: { address: string; port: number; instance: string | undefined };
  /** The kernel's doors pass the ACLs of the bridge; those of a copying process do not (measured on 5.0.2). */
  kernel: boolean;
  /** Stands before the error when the port cannot be listened on. */
  doing: string;
}

/** The doors under `protocol address port`; kernel rules win over listening processes, as they do on a real host. */
export function wantedDoors(state: LxdState): Map<string, WantedDoor> {
  const doors = new Map<string, WantedDoor>();
  const processes = state.instances.flatMap((instance) => proxyDoors(instance, state, false));
  for (const door of processes) {
    if (doors.has(keyOf(door))) throw new LxdRefused(500, listenError(door, 'address already in use'));
    doors.set(keyOf(door), door);
  }
  const proxies = state.instances.flatMap((instance) => proxyDoors(instance, state, true));
  for (const door of [...proxies, ...forwardDoors(state)]) doors.set(keyOf(door), door);
  return doors;
}

/** The words of Go's net package, which LXD passes on. */
export function listenError({ protocol, address, port, doing }: WantedDoor, why: string): string {
  const place = `${address}:${port}`;
  return `${doing}Failed to listen on ${place}: listen ${protocol} ${place}: bind: ${why}`;
}

function forwardDoors(state: LxdState): WantedDoor[] {
  return state.forwards.flatMap(({ listen_address, ports }) =>
    ports.flatMap((each) => {
      const targets = portsOf(each.target_port) ?? [];
      return (portsOf(each.listen_port) ?? []).map((port, index): WantedDoor => {
        // One target port takes all; otherwise they go in pairs.
        const targetPort = (targets.length === 1 ? targets[0] : targets[index]) ?? port;
        return {
          protocol: each.protocol === 'udp' ? 'udp' : 'tcp',
          address: listen_address,
          port,
          target: {
            address: each.target_address,
            port: targetPort,
            instance: holderOf(each.target_address, state),
          },
          kernel: true,
          doing: '',
        };
      });
    }),
  );
}

function proxyDoors(instance: SandboxInstance, state: LxdState, nat: boolean): WantedDoor[] {
  if (!instance.running) return [];
  return Object.entries(expandedDevices(instance)).flatMap(([name, device]) => {
    const proxy = proxyOf(device);
    if (proxy === undefined || proxy.nat !== nat) return [];
    const { listen, connect } = proxy;
    return listen.ports.map((port, index): WantedDoor => {
      const targetPort = (connect.ports.length === 1 ? connect.ports[0] : connect.ports[index]) ?? port;
      return {
        protocol: listen.protocol,
        address: listen.address,
        port,
        target: {
          address: connect.address,
          port: targetPort,
          // A copying process connects from within the instance.
          instance: nat ? holderOf(connect.address, state) : instance.name,
        },
        kernel: nat,
        doing: `Failed to start device "${name}": Error occurred when starting proxy device: Error: `,
      };
    });
  });
}

function holderOf(address: string, { instances }: LxdState): string | undefined {
  return instances.find((each) => each.running && each.address === address)?.name;
}

function keyOf({ protocol, address, port }: WantedDoor): string {
  return `${protocol} ${address} ${port}`;
}
