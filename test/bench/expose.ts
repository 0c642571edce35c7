/** One expose over SSH, against the same change by bare REST calls and against `ssh host lxc …` by hand. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createLxdClient, type LxdClient } from '../../src/lxd/client.ts';
import { knock } from '../../src/outside/knock.ts';
import { openBackstage } from '../jobs/backstage.ts';
import { type Lab, launchInstance, lxc } from '../lab/lab.ts';
import { type Figure, median, ms, timed } from './figures.ts';
import { sshHost } from './ssh-host.ts';

const ROUNDS = 15;
const INSTANCE = 'bench-blog';
const PORT = 9710;

export async function benchExpose({ hosts: { web1 } }: Lab): Promise<Figure[]> {
  const address = await launchInstance(web1, INSTANCE);
  const back = await openBackstage({ web1: sshHost(web1) });
  await back.work();
  const { ssh, socket } = web1;
  const transport = {
    kind: 'ssh',
    address: web1.address,
    port: ssh.port,
    user: ssh.user,
    privateKey: readFileSync(ssh.keyFile, 'utf8'),
    hostKey: ssh.hostKeyFingerprint,
    socket,
  } as const;
  const client = createLxdClient({ host: 'web1', transport });
  try {
    await back.ended(await back.ask(`expose ${INSTANCE} 80 as ${PORT}`));
    await back.ended(await back.ask(`unexpose ${INSTANCE} 80`));
    const close = async () => void (await back.ended(await back.ask(`unexpose ${INSTANCE} 80`)));
    const own = median(
      await timed(
        ROUNDS,
        async () => void (await back.ended(await back.ask(`expose ${INSTANCE} 80 as ${PORT}`))),
        close,
      ),
    );
    const same = median(
      await timed(
        ROUNDS,
        () => sameCalls(client, web1.address, address),
        () => undo(client, web1.address),
      ),
    );
    const bare = median(
      await timed(
        ROUNDS,
        () => bareCalls(client, web1.address, address),
        () => undo(client, web1.address),
      ),
    );
    const hand = median(
      await timed(
        3,
        async () => byHand(web1, address),
        () => undo(client, web1.address),
      ),
    );
    return [
      { what: 'expose over SSH, from the command to the proof', measured: ms(own) },
      {
        what: '… against all REST calls that it makes, bare',
        measured: `${(own / same).toFixed(2)}x (${ms(same)})`,
        wanted: '<= 1.5x',
        holds: own / same <= 1.5,
      },
      {
        what: '… against the fewest calls that open it, bare',
        measured: `${(own / bare).toFixed(2)}x (${ms(bare)})`,
      },
      {
        what: 'by hand with ssh host lxc …, against expose',
        measured: `${(hand / own).toFixed(1)}x (${ms(hand)})`,
        wanted: '>= 5x',
        holds: hand / own >= 5,
      },
    ];
  } finally {
    await client.close();
    await back.close();
    await lxc(web1, 'delete', '--force', INSTANCE);
  }
}

/** What expose asks LXD, without its records, queues, plans and locks: find, look, look again after the queue, change, knock. */
async function sameCalls(client: LxdClient, publicAddress: string, target: string): Promise<void> {
  const tables = ['/proc/net/tcp', '/proc/net/tcp6', '/proc/net/udp', '/proc/net/udp6'];
  for (const withListeners of [true, false]) {
    await client.listInstances();
    await Promise.all([
      observe(client),
      withListeners ? client.exec(INSTANCE, ['cat', ...tables]) : undefined,
    ]);
    await knock({ address: publicAddress, port: PORT, timeoutMs: 700 });
  }
  await bareCalls(client, publicAddress, target);
}

async function observe(client: LxdClient): Promise<void> {
  const [, networks] = await Promise.all([
    client.getServer(),
    client.listNetworks(),
    client.getAcl('drawbridge'),
  ]);
  await Promise.all([
    ...networks.map(({ name }) => client.getNetworkState(name)),
    client.listForwards('lxdbr0'),
  ]);
}

async function bareCalls(client: LxdClient, publicAddress: string, target: string): Promise<void> {
  await client.updateInstance(INSTANCE, ({ config, devices, expanded_devices: { eth0 } }) => ({
    config,
    devices: { ...devices, eth0: { ...eth0, 'ipv4.address': target } },
  }));
  const port = {
    description: '',
    protocol: 'tcp',
    listen_port: String(PORT),
    target_address: target,
    target_port: '80',
  };
  if ((await client.getForward('lxdbr0', publicAddress)) === undefined) {
    await client.createForward('lxdbr0', {
      listen_address: publicAddress,
      description: '',
      config: {},
      ports: [port],
    });
  }
  const seen = await knock({ address: publicAddress, port: PORT, speak: 'http', timeoutMs: 2_000 });
  if (seen.kind !== 'http') throw new Error(`the bare door does not answer: ${seen.kind}`);
}

async function undo(client: LxdClient, publicAddress: string): Promise<void> {
  await client.deleteForward('lxdbr0', publicAddress);
  await client.updateInstance(INSTANCE, ({ config }) => ({ config, devices: {} }));
}

/** As an operator would, a process for each step, with a key that has a shell. */
function byHand({ address, lxdDir, ssh }: Lab['hosts']['web1'], target: string): void {
  const options = [
    '-i',
    ssh.adminKeyFile,
    '-o',
    `UserKnownHostsFile=${ssh.knownHostsFile}`,
    '-p',
    String(ssh.port),
    `root@${address}`,
  ];
  const remote = (command: string) =>
    execFileSync('ssh', [...options, `LXD_DIR=${lxdDir} ${command}`], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  remote('lxc list');
  remote(`lxc config device override ${INSTANCE} eth0 ipv4.address=${target}`);
  remote(`lxc network forward create lxdbr0 ${address}`);
  remote(`lxc network forward port add lxdbr0 ${address} tcp ${PORT} ${target} 80`);
  execFileSync('curl', ['-s', '-o', '/dev/null', `http://${address}:${PORT}/`]);
}
