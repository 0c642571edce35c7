/** Ports from one number to another, both included. */
export interface PortRange {
  from: number;
  to: number;
}
