/** The one thing that must be there before anything is sent: the bridge that keeps the cloud's packets on this machine. */
import { existsSync } from 'node:fs';
import { externalBridge, externalSubnet } from './cloud-plan.ts';

export function bridgeExists(): boolean {
  return existsSync(`/sys/class/net/${externalBridge}`);
}

/** Throws when a packet for the external network would be routed off this machine. */
export function assertBridge(): void {
  if (bridgeExists()) return;
  throw new Error(
    `There is no interface ${externalBridge} here, so packets for ${externalSubnet.cidr} would leave this machine. Nothing was sent. Bring the cloud up with npm run cloud, and run its suites outside of any network namespace.`,
  );
}
