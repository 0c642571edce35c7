/** Things that are about an instance as a whole. */
import type { Kept } from '../tags/kept.ts';

/** An image as LXD takes it: one of the host's, or one that it fetches from a simplestreams server. */
export type ImageChoice = { fingerprint: string } | { server: string; alias: string };

export type InstanceThing =
  | /** The instance is there. */ {
      kind: 'instance';
      host: string;
      instance: string;
      /** From what it is made; absent where it is only removed. */
      from?: {
        /** As it was typed. */
        name: string;
        image: ImageChoice;
        profiles?: readonly string[];
        /** The request it is made for: its mark, by which it is found again and without which it is not taken back. */
        request: string;
      };
    }
  | /** The instance runs, or does not. Not taken back. */ {
      kind: 'power';
      host: string;
      instance: string;
      wanted: 'running' | 'stopped';
      /** Running only counts with an IPv4 address. */
      withAddress?: true;
    }
  | { kind: 'snapshot'; host: string; instance: string; snapshot: string }
  | /** The instance is as a snapshot kept it, but for what `kept` says. Not taken back. */ {
      kind: 'restored';
      host: string;
      instance: string;
      snapshot: string;
      kept: Kept;
      running: boolean;
    };
