/** The end of a door, as the register has it. */

export interface EndThing {
  kind: 'end';
  /** Where the door is: a host, or for the road `server` a cloud. */
  host: string;
  /** The id of the door. */
  door: string;
  /** Its end before and with it, milliseconds since 1970. Both are absolute, so putting it twice moves it once. */
  was: number;
  until: number;
}
