/** Closing 200 doors on two real hosts by one panic, against the same doors closed by a request each, all asked for at once. */
import { knock } from '../../src/outside/knock.ts';
import { type Backstage, openBackstage } from '../jobs/backstage.ts';
import { type Lab, type LabHost, launchInstance, lxc } from '../lab/lab.ts';
import { type Figure, ms } from './figures.ts';
import { sshHost } from './ssh-host.ts';

const DOORS_A_HOST = 100;
const INSTANCES = 4;
const FIRST_PORT = 22_000;

interface Place {
  host: LabHost;
  instance: string;
  publicPort: number;
}

/** Every fourth door lets in a part of the world only, so that filters are among what has to go. */
export async function benchPanic({ hosts: { web1, web2 } }: Lab): Promise<Figure[]> {
  const hosts = [web1, web2];
  const names = Array.from({ length: INSTANCES }, (_, index) => `bench-panic${index}`);
  for (const host of hosts) await Promise.all(names.map((name) => launchInstance(host, name)));
  const places = hosts.flatMap((host) =>
    Array.from({ length: DOORS_A_HOST }, (_, index) => ({
      host,
      instance: names[index % INSTANCES] ?? '',
      publicPort: FIRST_PORT + index,
    })),
  );
  const back = await openBackstage({ web1: sshHost(web1), web2: sshHost(web2) });
  await back.work();
  try {
    await all(places, async (place) =>
      done(back, await back.ask(`expose ${target(place)}${sources(place)}`)),
    );
    const begun = performance.now();
    const panic = await back.ask('panic', 'U0BOB');
    const shut = untilShut(places).then(() => performance.now() - begun);
    await done(back, panic);
    const whole = performance.now() - begun;
    const shutMs = await shut;
    const off = await back.ask('panic off', 'U0BOB');
    await back.approve(off, 'U0DAVE');
    await done(back, off);
    const one = performance.now();
    await all(places, async (place) => done(back, await back.ask(`unexpose ${target(place)}`)));
    const each = performance.now() - one;
    return [
      { what: `panic over ${places.length} doors on two hosts, until none answers`, measured: ms(shutMs) },
      { what: '… until nothing of them is left and it is proven', measured: ms(whole) },
      {
        what: '… the same doors by a request each, all at once, against panic',
        measured: `${(each / whole).toFixed(1)}x (${ms(each)})`,
        wanted: '> 1x',
        holds: each / whole > 1,
      },
    ];
  } finally {
    await back.close();
    for (const host of hosts) await Promise.all(names.map((name) => lxc(host, 'delete', '--force', name)));
  }
}

/** `web1/bench-panic0 80 as 22000` */
function target({ host, instance, publicPort }: Place): string {
  return `${host.name}/${instance} 80 as ${publicPort}`;
}

/** LXD filters at the instance's port: all doors to one instance share their sources. */
function sources({ instance }: Place): string {
  return instance.endsWith('0') ? ' from 198.51.100.0/24,192.0.2.0/24,10.0.0.0/8' : '';
}

async function done(back: Backstage, id: string): Promise<void> {
  const { outcome } = await back.ended(id, 600_000);
  if (outcome?.kind !== 'done') throw new Error(`${id} ended otherwise: ${JSON.stringify(outcome)}`);
}

async function all<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  await Promise.all(items.map(work));
}

/** Knocks from outside until nobody opens any more. */
async function untilShut(places: readonly Place[]): Promise<void> {
  let open = [...places];
  while (open.length > 0) {
    const seen = await Promise.all(
      open.map(({ host, publicPort: port }) => knock({ address: host.address, port, timeoutMs: 1_000 })),
    );
    open = open.filter((_, index) => ['open', 'http', 'hung_up'].includes(seen[index]?.kind ?? ''));
  }
}
