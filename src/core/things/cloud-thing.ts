/**
 * Things in a cloud. `owner` is the door or host that needs the thing, `door-7k2m9x` or `host-web9`; it stands in the thing's description
 * from the moment it is made, and in its tags where several may need it: the last one takes it along.
 */
import type { Protocol } from '../request.ts';

/** A port that stands already, or the one that an earlier step makes for `owner`. */
export type PortRef = { id: string } | { owner: string };

interface InCloud {
  cloud: string;
  owner: string;
  /** What it is for, in the description: `blog:80`. */
  about: string;
}

export type CloudThing = InCloud &
  (
    | /** A security group of ours, hung on a port. */ { kind: 'group'; name: string; port?: PortRef }
    | /** The sources may reach a port through the group. */ {
        kind: 'rule';
        group: string;
        protocol: Protocol;
        port: number;
        sources: string[];
      }
    | /** `address` is one that was found; without it a new one is taken. Without `port` it is shared by port forwardings. */ {
        kind: 'floating_ip';
        network: string;
        address?: string;
        port?: PortRef;
        fixedAddress?: string;
      }
    | /** reservation: only keeps an address, never plugged in. card: plugged into the host for an instance. */ {
        kind: 'port';
        network: string;
        use: 'reservation' | 'card' | 'host';
        /** Names of groups of ours; none: the project's default. */
        groups: string[];
      }
    | /** The host's port may carry the address of the owner's port, with its hardware address where `withMac`. */ {
        kind: 'pair';
        hostPort: string;
        withMac: boolean;
      }
    | /** The owner's port is plugged into the server. */ { kind: 'plug'; server: string }
    | /** One port of a shared floating IP leads to a port of the host. */ {
        kind: 'port_forwarding';
        protocol: Protocol;
        publicPort: number;
        hostPort: string;
        fixedAddress: string;
        port: number;
      }
    | { kind: 'key_pair'; name: string; publicKey: string }
    | {
        kind: 'server';
        name: string;
        image: { id: string; name: string };
        flavor: { id: string; name: string };
        keyPair: string;
        /** cloud-init's user data, plain. */
        userData: string;
        configDrive: boolean;
        zone?: string;
      }
  );

export type CloudThingKind = CloudThing['kind'];
