/** What each road carries, against the way without any: iperf3 from outside into a container, the roads opened by Drawbridge. */
import { execFileSync } from 'node:child_process';
import { openBackstage } from '../jobs/backstage.ts';
import { type Lab, launchInstance, lxc } from '../lab/lab.ts';
import { type Figure, median } from './figures.ts';
import { sshHost } from './ssh-host.ts';

const INSTANCE = 'bench-iperf';
const ROUNDS = 3;

export async function benchDataPath({ hosts: { web1 } }: Lab): Promise<Figure[]> {
  const address = await launchInstance(web1, INSTANCE, { environment: { LAB_IPERF: '1' } });
  const back = await openBackstage({ web1: sshHost(web1) });
  await back.work();
  // The outside namespace is the lab's own; nobody else's routes are touched.
  execFileSync('ip', ['route', 'replace', web1.subnet, 'via', web1.address]);
  try {
    const roads = { forward: 9720, proxy: 9721, userspace: 9722 } as const;
    for (const [road, port] of Object.entries(roads))
      await back.ended(await back.ask(`expose ${INSTANCE} 5201 as ${port} via ${road}`));
    const measured: Record<string, number[]> = { direct: [], forward: [], proxy: [], userspace: [] };
    for (let round = 0; round < ROUNDS; round += 1) {
      measured.direct?.push(gigabits(address, 5201));
      for (const [road, port] of Object.entries(roads)) measured[road]?.push(gigabits(web1.address, port));
    }
    for (const port of Object.values(roads))
      await back.ended(await back.ask(`unexpose ${INSTANCE} 5201 as ${port}`));
    const direct = median(measured.direct ?? []);
    const ratio = (road: string) => median(measured[road] ?? []) / direct;
    return [
      { what: 'data path direct', measured: `${direct.toFixed(1)} Gbit/s` },
      {
        what: '… by road forward (the default)',
        measured: `${ratio('forward').toFixed(2)}x direct`,
        wanted: '>= 0.85x',
        holds: ratio('forward') >= 0.85,
      },
      { what: '… by road proxy', measured: `${ratio('proxy').toFixed(2)}x direct` },
      { what: '… by road userspace', measured: `${ratio('userspace').toFixed(2)}x direct` },
    ];
  } finally {
    execFileSync('ip', ['route', 'del', web1.subnet, 'via', web1.address]);
    await back.close();
    await lxc(web1, 'delete', '--force', INSTANCE);
  }
}

function gigabits(address: string, port: number): number {
  const text = execFileSync('iperf3', ['-c', address, '-p', String(port), '-t', '2', '-J'], {
    encoding: 'utf8',
  });
  const report = JSON.parse(text) as { end: { sum_received: { bits_per_second: number } } };
  return report.end.sum_received.bits_per_second / 1e9;
}
