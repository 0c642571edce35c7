/** A host on a network whose DHCP and metadata service tell nobody anything, where the cloud has config drives. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openCloud } from '../lab/openstack/cloud-api.ts';
import { emptyProject } from '../lab/openstack/cloud-lab.ts';
import { describeCloud } from '../lab/openstack/describe-cloud.ts';
import { cloudConfig } from '../stage/cloud-config.ts';
import { ALICE, BOB, raiseStage, type Stage } from '../stage/stage.ts';
import { until } from '../stage/until.ts';
import { openGuestLxd } from './guest-lxd.ts';

const MINUTE = 60_000;

describeCloud('a network without DHCP in a cloud with config drives', (cloud) => {
  const folder = mkdtempSync(join(tmpdir(), 'db-drive-'));
  const configured = cloudConfig(cloud, folder, '{}', 'config_drive: true');
  let stage: Stage;

  beforeAll(async () => {
    await emptyProject();
    stage = await raiseStage(configured);
  });
  afterAll(async () => {
    await stage?.stop();
    await emptyProject();
    rmSync(folder, { recursive: true, force: true });
  });

  it('carries a host, which gets its address and its user data from the drive', {
    timeout: 10 * MINUTE,
  }, async () => {
    const id = await stage.ask(ALICE, `host create web7 network ${cloud.dryNetwork}`);
    const asked = await stage.seeRequest(id, 'Needs approval', MINUTE);
    expect(asked.words).toContain('from a config drive');
    await stage.click(BOB, asked, 'approve_request');
    const record = await until(
      async () => {
        const found = await stage.records.requests.get(id);
        return found?.state === 'ended' ? found : undefined;
      },
      `${id} to end`,
      9 * MINUTE,
      300,
    );
    expect(record.outcome).toMatchObject({ kind: 'done' });
    const known = (await stage.records.knownHosts.get('web7')) ?? expect.fail('web7 in the register');
    const guest = await openGuestLxd(known.access.address, known.access.user, configured.keyFile);
    expect(await guest.lxc('network', 'get', 'lxdbr0', 'ipv4.address')).toMatch(/^10\./);
    guest.close();
    const api = await openCloud(cloud.cloud);
    const servers = await api.list<{ name: string; config_drive: string }>(
      'compute',
      '/servers/detail',
      'servers',
    );
    expect(servers).toMatchObject([{ name: 'web7', config_drive: 'True' }]);
  });
});
