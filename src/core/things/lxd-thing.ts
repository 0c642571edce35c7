/** Things on a host's LXD that make up a door. */
import type { Protocol } from '../request.ts';

export type LxdThing =
  /** The instance keeps its address: `ipv4.address` on its NIC. */
  | { kind: 'pin'; host: string; instance: string; nic: string; address: string }
  /** Only `sources` reach the instance's port: an LXD network ACL drops the rest. */
  | {
      kind: 'filter';
      host: string;
      network: string;
      protocol: Protocol;
      address: string;
      port: number;
      sources: string[];
      /** The ranges outside the sources, as LXD takes them. */
      drops: string[];
    }
  | {
      kind: 'forward';
      host: string;
      network: string;
      listenAddress: string;
      listenPort: number;
      protocol: Protocol;
      targetAddress: string;
      targetPort: number;
    }
  /**
   * The host itself lets in only `sources` at its own address and port, and nobody once the time is over: `forSeconds` from when it is put,
   * or `until`, milliseconds since 1970. Neither: until somebody closes it. As it stands it is only ever removed, without sources and times.
   */
  | {
      kind: 'guard';
      host: string;
      address: string;
      protocol: Protocol;
      port: number;
      sources: string[];
      forSeconds?: number;
      until?: number;
    }
  /** The host itself lets in until then, not until the moment before; times as of the guard. */
  | {
      kind: 'guard_end';
      host: string;
      address: string;
      protocol: Protocol;
      port: number;
      sources: string[];
      was: number;
      until: number;
    }
  /** All that leads in at one address for these doors; it is only ever removed, with one call. */
  | { kind: 'forwards'; host: string; network: string; listenAddress: string; doors: string[] }
  | {
      kind: 'proxy';
      host: string;
      instance: string;
      listenAddress: string;
      listenPort: number;
      protocol: Protocol;
      connectAddress: string;
      connectPort: number;
      nat: boolean;
    }
  /**
   * The instance has a network card on the cloud's or the LAN's own network, in place of what its device was before. LXD makes
   * such a card when the instance starts, so a running one is stopped and started again.
   */
  | {
      kind: 'nic';
      host: string;
      instance: string;
      /** Name of the device, `eth0`. */
      device: string;
      /**
       * physical: the port of `owner`, plugged into the host, becomes the card. routed: the host routes the port's address.
       * macvlan: the card shares the host's own `parent`; with `owner` under the port's hardware address.
       */
      nictype: 'physical' | 'routed' | 'macvlan' | 'bridged';
      /** The host's interface; for physical it is found by the port's hardware address. */
      parent?: string;
      /** Another card leads out already; this one brings no default route. */
      aside?: true;
      /** The cloud and the door whose port gives the addresses; neither on a LAN. */
      cloud?: string;
      owner: string;
    };
