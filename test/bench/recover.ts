/** An emptied register made anew from 1,000 doors on ten sandbox hosts, beside the bare calls of LXD that it takes to see them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runRecover } from '../../jobs/recover.ts';
import { MARK, tagText } from '../../src/core/tags/door-tag.ts';
import { createLog } from '../../src/log.ts';
import { createLxdClient, type LxdClient } from '../../src/lxd/client.ts';
import { createSandboxHost, type SandboxHost } from '../../src/sandbox/lxd/lxd-host.ts';
import { openBackstage } from '../jobs/backstage.ts';
import { type Figure, median, ms, timed } from './figures.ts';

const HOSTS = 10;
const ROUNDS = 5;
const FIRST_PORT = 23_000;

interface BenchHost {
  name: string;
  socket: string;
  address: string;
  sandbox: SandboxHost;
  client: LxdClient;
}

export async function benchRecover(): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'db-bench-recover-'));
  const hosts = Array.from({ length: HOSTS }, (_, index) => hostOf(folder, index));
  await Promise.all(hosts.map(({ sandbox }) => sandbox.start()));
  const section = hosts.map(({ name, socket, address }) => [name, { unix: socket, public_address: address }]);
  const back = await openBackstage(Object.fromEntries(section));
  const log = createLog({ level: 'silent', readable: false });
  const recover = async (): Promise<void> => {
    for (const { id } of await back.records.doors.list()) await back.records.doors.remove(id);
    const order = { write: true, owner: 'U0OWNER', endRequests: false };
    const code = await runRecover(order, back.config, log, { write: () => true });
    if (code !== 0) throw new Error('it was not recovered');
  };
  try {
    const few = await measure(hosts, 10, recover);
    const many = await measure(hosts, 100, recover);
    const found = (await back.records.doors.list()).length;
    if (found !== HOSTS * 100) throw new Error(`${found} doors were found`);
    const bare = median(await timed(ROUNDS, async () => void (await Promise.all(hosts.map(bareLook)))));
    return [
      {
        what: `recover: ${found} doors on ${HOSTS} hosts, seen and written`,
        measured: ms(many),
        wanted: '< 10 s',
        holds: many < 10_000,
      },
      {
        what: `… against ${HOSTS * 10} doors on as many hosts`,
        measured: `${(many / few).toFixed(1)}x (${ms(few)})`,
        wanted: '<= 10x, linear',
        holds: many / few <= 10,
      },
      {
        what: '… against the bare calls that list the same on LXD',
        measured: `${(many / bare).toFixed(1)}x (${ms(bare)})`,
      },
    ];
  } finally {
    await back.close();
    await Promise.all(hosts.map(({ client }) => client.close()));
    await Promise.all(hosts.map(({ sandbox }) => sandbox.stop()));
    rmSync(folder, { recursive: true, force: true });
  }
}

function hostOf(folder: string, index: number): BenchHost {
  const [name, address] = [`box${index}`, `127.41.0.${index + 1}`];
  const socket = join(folder, `${name}.sock`);
  const log = createLog({ level: 'silent', readable: false });
  const client = createLxdClient({ host: name, transport: { kind: 'unix', socket } });
  return {
    name,
    socket,
    address,
    client,
    sandbox: createSandboxHost({ socket, publicAddress: address, log }),
  };
}

/** Has so many doors stand on each host, and recovers them a few times. */
async function measure(
  hosts: readonly BenchHost[],
  doors: number,
  recover: () => Promise<void>,
): Promise<number> {
  await Promise.all(hosts.map((host) => putDoors(host, doors)));
  return median(await timed(ROUNDS, recover));
}

async function putDoors({ name, address, client }: BenchHost, count: number): Promise<void> {
  const target = (await client.listInstances()).find((each) => each.name === 'blog')?.state?.network?.eth0;
  const target_address = target?.addresses.find(({ family }) => family === 'inet')?.address ?? '';
  const ports = Array.from({ length: count }, (_, index) => ({
    description: tagText({ door: `door-${name}x${index}`, instance: 'blog', port: 80, protocol: 'tcp' }),
    ...{ protocol: 'tcp', listen_port: String(FIRST_PORT + index), target_address, target_port: '80' },
  }));
  const forward = { description: '', config: { [MARK]: 'yes' }, ports };
  const present = await client.getForward('lxdbr0', address);
  if (present === undefined) await client.createForward('lxdbr0', { listen_address: address, ...forward });
  else await client.putForward('lxdbr0', address, forward);
}

async function bareLook({ client }: BenchHost): Promise<void> {
  await Promise.all([
    client.getServer(),
    client.listInstances(),
    client.listNetworks(),
    client.listForwards('lxdbr0'),
  ]);
}
