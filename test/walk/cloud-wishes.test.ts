/** What people ask for whose hosts are in a cloud, each wish shown once: through the emulator, a stand-in LXD and a strict cloud that is none. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { loadConfig } from '../../src/config.ts';
import { createLog } from '../../src/log.ts';
import { CHANNEL, findLocalSlack } from '../../src/sandbox/local-slack.ts';
import { createSandboxHost, type SandboxHost } from '../../src/sandbox/lxd/lxd-host.ts';
import { type CloudLedger, type InCloud, openLedger } from '../jobs/kill-cloud/cloud-ledger.ts';
import { addForeigners, addFreeFloatingIp, addHost } from '../jobs/kill-cloud/fake-host.ts';
import { type Front, openFront } from '../jobs/kill-cloud/front.ts';
import { NOTHING } from '../jobs/kill-cloud/road-cases.ts';
import { type FakeCloud, startFakeCloud } from '../openstack/fake-cloud/fake-cloud.ts';
import { wrong } from '../openstack/fake-cloud/faults.ts';
import { EXTERNAL } from '../openstack/fake-cloud/furnish.ts';
import { fakeCloudConfig } from '../stage/fake-cloud-config.ts';
import { ALICE, BOB, raiseStage, type Shown, type Stage } from '../stage/stage.ts';

const EMULATOR = findLocalSlack();
/** A network of the loopback for each run, so that several on one machine do not meet: the host's, and that of the floating IPs. */
const [LAN, OUTSIDE] = [`127.81.${process.pid % 250}`, `127.82.${process.pid % 250}`];
const HOST = {
  address: `${LAN}.5`,
  pool: { start: `${LAN}.20`, end: `${LAN}.29` },
  floating: `${OUTSIDE}.0/24`,
};

describe.runIf(EMULATOR !== undefined)(
  'Drawbridge in a cloud (needs the emulator local-slack)',
  { timeout: 90_000 },
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'db-cloud-wishes-'));
    let lxd: SandboxHost;
    let cloud: FakeCloud;
    let front: Front;
    let ledger: CloudLedger;
    let stage: Stage;
    let others = '';
    let makeFree: () => Promise<void>;

    beforeAll(async () => {
      const socket = join(folder, 'lxd.sock');
      const log = createLog({ level: 'silent', readable: true });
      lxd = createSandboxHost({ socket, publicAddress: HOST.address, log });
      await lxd.start();
      cloud = await startFakeCloud({
        after: async ({ method }) => {
          if (method !== 'GET') await front?.follow();
          return undefined;
        },
      });
      const host = addHost(cloud.state, HOST, { cidr: `${LAN}.0/24`, router: `${LAN}.1`, dhcp: `${LAN}.2` });
      await addForeigners(cloud, host);
      makeFree = () => addFreeFloatingIp(cloud, host);
      ledger = openLedger(cloud.state, host.port);
      others = ledger.others();
      front = openFront(cloud.state, host.port);
      const { section, env } = fakeCloudConfig({ fake: { cloud, external: EXTERNAL.network } }, folder);
      const file = join(folder, 'drawbridge.yaml');
      const hosts = { web1: { unix: socket, server: { cloud: 'fake', name: 'web1' } } };
      const roles = { operators: { users: [ALICE] }, approvers: { users: [BOB] } };
      const policy = { look: ['operators'], ask: ['operators'], approve: ['approvers'] };
      writeFileSync(file, stringify({ hosts, roles, policy, clouds: section }));
      const config = loadConfig({ ...env, DRAWBRIDGE_CONFIG: file });
      if (config.file === undefined) throw new Error('the configuration was not read');
      stage = await raiseStage({ file: config.file, clouds: config.clouds });
    });
    afterAll(async () => {
      await stage?.stop();
      await front?.close();
      await cloud?.stop();
      await lxd?.stop();
      rmSync(folder, { recursive: true, force: true });
    });
    afterEach(() => stage.closeAll());

    async function approved(text: string, ends: string): Promise<Shown> {
      const id = await stage.ask(ALICE, text);
      await stage.click(BOB, await stage.seeRequest(id, 'Needs approval'), 'approve_request');
      return stage.seeRequest(id, ends);
    }

    it('says what expose will do on this cloud', async () => {
      await stage.type(ALICE, 'plan expose blog 80 as 18381');
      const { words } = await stage.see('*Dry run*');
      const steps = words.split('\n').filter((line) => line.startsWith('▫︎'));
      expect(steps.slice(1).map((line) => line.slice(3))).toEqual([
        `forward ${HOST.address}:18381 on web1 to 10.77.0.11:80`,
        'have the security group drawbridge-web1 on its port',
        'point a new floating IP there',
        'let anyone in to 18381 by the group drawbridge-web1',
      ]);
      expect(words).toMatch(
        /^Road — forward: the kernel forwards it.*; not routed: .*possible with via, too: /m,
      );
      expect(words).toMatch(/^Quota — floating IPs: 2 of 50 used, then 3; security groups: 2 of 10/m);
      expect(ledger.standing()).toEqual(NOTHING);
    });

    it('leaks no floating IPs and groups', async () => {
      const standing: InCloud[] = [];
      cloud.fail({
        when: ({ method, path }) => {
          if (method !== 'POST' || path !== '/security-group-rules') return false;
          standing.push(ledger.standing());
          return true;
        },
        answer: wrong.quota,
      });
      const failed = await approved('expose blog 80 as 18382', '*Failed*');
      expect(failed.words).toMatch(/Quota exceeded[\s\S]*nothing of it is left/);
      expect(standing).toMatchObject([{ floatingIps: 1, groups: 1, hung: 1 }]);
      expect(ledger.standing()).toEqual(NOTHING);
      await approved('expose blog 80 as 18382', '*Open* and proven');
      expect(ledger.standing()).toMatchObject({ floatingIps: 1, groups: 1, rules: 1 });
      await stage.closeAll();
      expect(ledger.standing()).toEqual(NOTHING);
    });

    it('touches nothing that it did not make', async () => {
      const { floatingIps, groups } = cloud.state;
      const mail = [...floatingIps.values()].find(({ description }) => description === 'mail');
      await stage.type(ALICE, `expose blog 80 as ${mail?.floating_ip_address}:18383`);
      await stage.see(`${mail?.floating_ip_address} is no floating IP that could lead to web1`);
      await approved('expose blog 80 as 18383', '*Open* and proven');
      expect(ledger.others()).toBe(others);
      await stage.closeAll();
      expect(ledger.others()).toBe(others);
      expect([...groups.values()].map(({ name }) => name)).toContain('office');
    });

    it('uses the floating IPs that are there', async () => {
      await makeFree();
      const { floatingIps } = cloud.state;
      const spare = [...floatingIps.values()].find(({ description }) => description === 'spare');
      const count = floatingIps.size;
      const open = await approved('expose blog 80 as 18384', '*Open* and proven');
      expect(open.words).toContain(`http://${spare?.floating_ip_address}:18384/`);
      expect(floatingIps.size).toBe(count);
      await stage.closeAll();
      expect(floatingIps.get(spare?.id ?? '')).toMatchObject({ port_id: null, tags: [] });
    });

    it('says no secret in chat', async () => {
      const { password } = cloud.credentials;
      cloud.fail({
        answer: { status: 403, body: { error: { code: 403, message: `you sent ${password}` } } },
        times: 20,
      });
      await stage.type(ALICE, 'hosts');
      expect((await stage.see('you sent')).words).toContain('you sent [redacted]');
      const all = await (await fetch(`${stage.page}/_control/messages/${CHANNEL}`)).text();
      expect(all).toContain('you sent');
      expect(all).not.toContain(password);
    });
  },
);
