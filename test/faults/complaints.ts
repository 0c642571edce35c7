/** What is not as it ought to be: every difference between the model, the host, the register, the audit and the outbox, in words. */
import { deviceName, parseTag } from '../../src/core/tags/door-tag.ts';
import type { Arena } from './arena.ts';

/** What is looked at. */
type Scene = Pick<Arena, 'back' | 'client' | 'address' | 'model' | 'slots'>;

/** @param asked ids of the requests that have ended since the last look */
export async function complaintsOf(arena: Scene, asked: readonly string[]): Promise<string[]> {
  const { back, model } = arena;
  const [onHost, doors, answering, kept] = await Promise.all([
    doorsOnHost(arena),
    back.records.doors.list(),
    portsThatAnswer(arena),
    Promise.all(asked.map((id) => messagesOf(id, arena))),
  ]);
  const wanted = [...model.keys()].sort((a, b) => a - b);
  const registered = doors.map(({ publicPort }) => publicPort).sort((a, b) => a - b);
  return [
    ...compared('the host has the doors', onHost.ports, wanted),
    ...compared('from outside answer the ports', answering, wanted),
    ...compared('the register has the doors', registered, wanted),
    ...compared(
      'pins and filters are for',
      onHost.others,
      doors.map(({ id }) => id).filter((id) => onHost.others.includes(id)),
    ),
    ...doors
      .filter(({ publicPort, endsAt }) => (endsAt !== undefined) !== model.get(publicPort)?.ends)
      .map(({ id }) => `${id} has the wrong end`),
    ...kept.flat(),
  ];
}

/** Who knocks gets an answer, or is refused. */
async function portsThatAnswer({ address, slots }: Scene): Promise<number[]> {
  const ports = await Promise.all(
    slots.map(async ({ publicPort }) => {
      const knock = fetch(`http://${address}:${publicPort}/`, { headers: { connection: 'close' } });
      return knock.then(
        (response) => response.text().then(() => [publicPort]),
        () => [],
      );
    }),
  );
  return ports.flat().sort((a, b) => a - b);
}

/** Public ports that lead in by ours, and the doors of all that stands behind them. */
async function doorsOnHost({ client }: Scene): Promise<{ ports: number[]; others: string[] }> {
  const [instances, forwards, acl] = await Promise.all([
    client.listInstances(),
    client.listForwards('lxdbr0'),
    client.getAcl('drawbridge'),
  ]);
  const proxies = instances.flatMap(({ devices }) =>
    Object.entries(devices ?? {}).filter(
      ([name, { type }]) => type === 'proxy' && name.startsWith(deviceName('')),
    ),
  );
  const ports = [
    ...forwards.flatMap(({ ports: all }) => all.map(({ listen_port }) => Number(listen_port))),
    ...proxies.map(([, { listen = '' }]) => Number(listen.split(':').at(-1))),
  ];
  const pins = instances.flatMap(({ config }) => JSON.stringify(config ?? {}).match(/door-[a-z0-9]+/g) ?? []);
  const filters = (acl?.ingress ?? []).flatMap(({ description }) => parseTag(description)?.door ?? []);
  return { ports: ports.sort((a, b) => a - b), others: [...new Set([...pins, ...filters])].sort() };
}

/** One end in the audit, and a message that is to be rendered with it. */
async function messagesOf(id: string, { back }: Scene): Promise<string[]> {
  const [entries, record] = await Promise.all([back.records.audit.of(id), back.records.requests.get(id)]);
  const ends = entries.filter(({ kind }) => kind === 'ended').length;
  return [
    ...(ends === 1 ? [] : [`${id} ended ${ends} times`]),
    ...(record?.outcome === undefined ? [`${id} has no outcome`] : []),
  ];
}

function compared(
  what: string,
  has: readonly (string | number)[],
  wanted: readonly (string | number)[],
): string[] {
  return has.join() === [...wanted].sort((a, b) => (a < b ? -1 : 1)).join()
    ? []
    : [`${what} ${has.join(', ')}; not ${wanted.join(', ')}`];
}
