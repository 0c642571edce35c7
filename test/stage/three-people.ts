/** A stage where a door to the internet needs two people, with a stand-in LXD and its page in Chromium. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Policy } from '../../src/core/policy.ts';
import { createLog } from '../../src/log.ts';
import { PLAYGROUND_ROLES } from '../../src/sandbox/local-slack.ts';
import { createSandboxHost } from '../../src/sandbox/lxd/lxd-host.ts';
import { openSlackPage, type SlackPage } from './slack-page.ts';
import { raiseStage, type Stage } from './stage.ts';

const EVERYBODY = ['operators', 'approvers'];

/** Alice asks, Bob and Dave approve, Carol may nothing; what stays inside needs nobody. */
const POLICY: Policy = {
  roles: PLAYGROUND_ROLES.roles,
  rights: { ...PLAYGROUND_ROLES.rights, look: EVERYBODY, panic: EVERYBODY },
  ownRequests: false,
  privateNetworks: ['10.0.0.0/8'],
  approvalSeconds: 600,
  sensitivePorts: [],
  rules: [
    {
      name: 'two for the internet',
      text: 'it lets in the internet',
      when: { actions: ['expose'], beyond: ['10.0.0.0/8'] },
      end: 'approve',
      need: { by: ['approvers'], count: 2, own: false, waitSeconds: 600 },
    },
  ],
};

export interface ThreePeople {
  stage: Stage;
  slack: SlackPage;
  stop(): Promise<void>;
}

/** @param address of the stand-in LXD's doors, at the ports 18300 to 18399 */
export async function gatherThreePeople(address: string): Promise<ThreePeople> {
  const folder = mkdtempSync(join(tmpdir(), 'db-three-'));
  const socket = join(folder, 'lxd.sock');
  const log = createLog({ level: 'silent', readable: true });
  const lxd = createSandboxHost({ socket, publicAddress: address, log });
  await lxd.start();
  const host = { unix: socket, public_address: address, ssh_port: 22 };
  const hosts = { sandbox: { ...host, public_ports: { from: 18_300, to: 18_399 } } };
  const stage = await raiseStage({ file: { clouds: {}, networks: {}, hosts, policy: POLICY } });
  const slack = await openSlackPage(stage.page);
  return {
    stage,
    slack,
    async stop() {
      await slack.close();
      await stage.stop();
      await lxd.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
