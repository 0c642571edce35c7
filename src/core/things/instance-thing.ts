/** Things that are about an instance as a whole. */

export type InstanceThing = /** The instance runs, or does not. Not taken back. */ {
  kind: 'power';
  host: string;
  instance: string;
  wanted: 'running' | 'stopped';
};
