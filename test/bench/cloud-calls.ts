/** How often a door makes a cloud be asked: calls of one expose beside the fewest that open the same door, and logins of a burst. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { groupNameOf } from '../../src/core/tags/cloud-tag.ts';
import { createLog } from '../../src/log.ts';
import type { CloudClient } from '../../src/openstack/client.ts';
import { createSandboxHost } from '../../src/sandbox/lxd/lxd-host.ts';
import { openBackstage } from '../jobs/backstage.ts';
import { type FakeCloud, startFakeCloud } from '../openstack/fake-cloud/fake-cloud.ts';
import { EXTERNAL } from '../openstack/fake-cloud/furnish.ts';
import { fakeCloudConfig } from '../stage/fake-cloud-config.ts';
import { until } from '../stage/until.ts';
import { ADDRESS, addFakeHost, HOST } from './fake-host.ts';
import type { Figure } from './figures.ts';

const BURST = 50;
const PORT = 9750;

interface Count {
  reads: number;
  changes: number;
  logins: number;
}

export async function benchCloudCalls(): Promise<Figure[]> {
  const opened = await onFakeCloud({ private_networks: ['0.0.0.0/0'] }, async (back, cloud, byHand) => {
    const done = async (text: string): Promise<void> => {
      const { outcome } = await back.ended(await back.ask(text));
      if (outcome?.kind !== 'done') throw new Error(`${text}: ${JSON.stringify(outcome)}`);
    };
    // The first door logs in and asks for the extensions, which are kept from then on.
    await done(`expose blog 80 as ${PORT}`);
    await done(`unexpose blog 80 as ${PORT}`);
    return {
      expose: await counted(cloud, () => done(`expose blog 80 as ${PORT}`)),
      unexpose: await counted(cloud, () => done(`unexpose blog 80 as ${PORT}`)),
      open: await counted(cloud, () => openByHand(byHand)),
      close: await counted(cloud, () => closeByHand(byHand)),
    };
  });
  const logins = await onFakeCloud({ private_networks: [] }, (back, cloud) =>
    counted(cloud, async () => {
      const texts = Array.from({ length: BURST }, (_, index) => `expose blog 80 as ${PORT + index}`);
      const ids = await Promise.all(texts.map((text) => back.ask(text)));
      for (const id of ids)
        await until(async () => ((await back.records.requests.get(id))?.plan ? true : undefined), id, 60_000);
    }),
  );
  return [
    compared('calls to OpenStack to open a door by road forward', opened.expose, opened.open),
    compared('… and to close it', opened.unexpose, opened.close),
    {
      what: `logins for ${BURST} requests planned at once`,
      measured: `${logins.logins} (${logins.reads} reads)`,
      wanted: '1',
      holds: logins.logins === 1,
    },
  ];
}

function compared(what: string, own: Count, fewest: Count): Figure {
  const words = ({ reads, changes }: Count): string => `${reads} reading, ${changes} changing`;
  return { what, measured: `${words(own)} (fewest: ${words(fewest)})` };
}

/** A worker in this process, a pretended LXD host, and the fake cloud that has it as a server. */
async function onFakeCloud<T>(
  policy: Record<string, unknown>,
  work: (
    back: Awaited<ReturnType<typeof openBackstage>>,
    cloud: FakeCloud,
    byHand: CloudClient,
  ) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'db-bench-'));
  const socket = join(folder, 'lxd.sock');
  const log = createLog({ level: 'silent', readable: false });
  const sandbox = createSandboxHost({ socket, publicAddress: ADDRESS, log });
  const cloud = await startFakeCloud();
  await sandbox.start();
  try {
    const byHand = await addFakeHost(cloud);
    const clouds = fakeCloudConfig({ fake: { cloud, external: EXTERNAL.network } }, folder);
    const host = { unix: socket, server: { cloud: 'fake', name: HOST } };
    const back = await openBackstage({ [HOST]: host }, undefined, policy, clouds);
    try {
      await back.work();
      return await work(back, cloud, byHand);
    } finally {
      await back.close();
    }
  } finally {
    await sandbox.stop();
    await cloud.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function counted(cloud: FakeCloud, work: () => Promise<void>): Promise<Count> {
  const before = cloud.calls().length;
  await work();
  const heard = cloud.calls().slice(before);
  const calls = heard.filter(({ service }) => service !== 'identity');
  const reads = calls.filter(({ method }) => method === 'GET').length;
  return { reads, changes: calls.length - reads, logins: heard.length - calls.length };
}

/** The floating IP stands and the host's group hangs on its port: a rule in it is all that the cloud has to be given. */
async function openByHand(client: CloudClient): Promise<void> {
  const [group] = await client.listSecurityGroups({ name: groupNameOf(HOST) });
  await client.createRule({
    ...{ security_group_id: group?.id ?? '', direction: 'ingress', ethertype: 'IPv4', protocol: 'tcp' },
    ...{ port_range_min: PORT, port_range_max: PORT, remote_ip_prefix: '0.0.0.0/0', description: '' },
  });
}

async function closeByHand(client: CloudClient): Promise<void> {
  const [group] = await client.listSecurityGroups({ name: groupNameOf(HOST) });
  const rule = group?.security_group_rules.find(({ port_range_min }) => port_range_min === PORT);
  if (rule === undefined) throw new Error('the rule made by hand is not there');
  await client.deleteRule(rule.id);
}
