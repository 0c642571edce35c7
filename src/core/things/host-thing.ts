/** Things that are about a host as a whole: that Drawbridge knows it, and whether it takes new doors and instances. */

/** How a host is reached over SSH, and what is trusted of it. */
export interface HostAccess {
  address: string;
  port: number;
  user: string;
  /** `SHA256:…`; absent where it is learned from the console of the server that is made. */
  hostKey?: string;
  /** LXD's socket. */
  socket: string;
  /** It has a guard that Drawbridge may run. */
  guard?: true;
}

export type HostThing =
  | /** Drawbridge knows the host: LXD answers, and it is in the register. */ {
      kind: 'known_host';
      host: string;
      /** Absent for the server that an earlier step makes: its floating IP is only known then. */
      access?: HostAccess;
      /** The cloud whose server it is. */
      cloud?: string;
      /** The server's id; absent for the one that an earlier step makes. */
      server?: string;
      user: string;
    }
  | /** Nothing new is placed on the host. */ { kind: 'drained'; host: string }
  | /** No door is opened there; without a host: nowhere. */ { kind: 'panic'; host?: string };
