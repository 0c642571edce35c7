/** A lab host as the configuration names it. */
import type { LabHost } from '../lab/lab.ts';

export function sshHost({ address, ssh, socket }: LabHost) {
  const { user, port, keyFile, hostKeyFingerprint } = ssh;
  return {
    ssh: { address, port, user, key_file: keyFile, host_key: hostKeyFingerprint, socket },
    public_address: address,
  };
}
