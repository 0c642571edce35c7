/** Boots and deletes a server, and the key pair it is made with. */
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ThingOf } from '../../src/core/thing.ts';
import { Fault } from '../../src/errors.ts';
import type { CloudClient, OsServer } from '../../src/openstack/client.ts';
import { cloudOf, type StepTools } from '../thing-tools.ts';
import { ownPort } from './own-port.ts';

type Server = ThingOf<'server'>;
type KeyPair = ThingOf<'key_pair'>;

/** The key of a server's metadata that says for which host Drawbridge made it. */
export const MADE_FOR = 'drawbridge';

/** Booting and deleting may take this long, in milliseconds. */
const PATIENCE_MS = 10 * 60_000;

/** After the key itself, so that another key gets another pair: Nova cannot change one. */
export function keyPairNameOf(publicKey: string): string {
  return `drawbridge-${createHash('sha256').update(publicKey).digest('hex').slice(0, 12)}`;
}

export async function putKeyPair({ cloud, name, publicKey }: KeyPair, tools: StepTools): Promise<void> {
  const { client } = cloudOf(cloud, tools);
  if ((await client.getKeypair(name, tools.signal)) === undefined)
    await client.createKeypair(name, publicKey, tools.signal);
}

/** Deletes the pair, unless another server of ours has it. */
export async function removeKeyPair({ cloud, name, owner }: KeyPair, tools: StepTools): Promise<void> {
  const { client } = cloudOf(cloud, tools);
  const servers = await client.listServers({}, tools.signal);
  const others = servers.filter(
    ({ key_name, metadata }) => key_name === name && metadata[MADE_FOR] !== owner,
  );
  if (others.length === 0) await client.deleteKeypair(name, tools.signal);
}

/** Boots the server on its port, or finds the one that was booted, and waits until it runs. */
export async function putServer(thing: Server, tools: StepTools): Promise<void> {
  const { client } = cloudOf(thing.cloud, tools);
  const { signal } = tools;
  const found = await findMade(client, thing.owner, signal);
  const id = found?.id ?? (await boot(thing, client, signal));
  const begun = performance.now();
  for (;;) {
    const server = await client.getServer(id, signal);
    if (server?.status === 'ACTIVE') return;
    if (server === undefined || server.status === 'ERROR') {
      const why = server?.fault?.message ?? 'the cloud gave it up';
      throw new Fault('openstack_failed', `booting ${thing.name}: ${why}`);
    }
    if (performance.now() - begun > PATIENCE_MS)
      throw new Fault(
        'openstack_timeout',
        `booting ${thing.name}: still ${server.status} after ${PATIENCE_MS / 60_000} minutes`,
      );
    await tools.say(`the cloud says ${server['OS-EXT-STS:task_state'] ?? server.status}`);
    await sleep(700, undefined, { signal });
  }
}

async function boot(thing: Server, client: CloudClient, signal: AbortSignal): Promise<string> {
  const port = await ownPort(client, thing.owner, signal);
  const { id } = await client.createServer(
    {
      name: thing.name,
      imageRef: thing.image.id,
      flavorRef: thing.flavor.id,
      key_name: thing.keyPair,
      networks: [{ port: port.id }],
      user_data: thing.userData,
      metadata: { [MADE_FOR]: thing.owner },
      ...(thing.configDrive && { config_drive: true }),
      ...(thing.zone !== undefined && { availability_zone: thing.zone }),
    },
    signal,
  );
  return id;
}

/** The server that was made for an owner, however it is called now. */
export async function findMade(
  client: CloudClient,
  owner: string,
  signal: AbortSignal,
): Promise<OsServer | undefined> {
  const servers = await client.listServers({}, signal);
  return servers.find(({ metadata }) => metadata[MADE_FOR] === owner);
}

/** Deletes what was made for the owner, and waits until it is gone, so that its port and group can go. */
export async function removeServer(thing: Server, tools: StepTools): Promise<void> {
  const { client } = cloudOf(thing.cloud, tools);
  const { signal } = tools;
  const found = await findMade(client, thing.owner, signal);
  if (found === undefined) return;
  await client.deleteServer(found.id, signal);
  const begun = performance.now();
  while ((await client.getServer(found.id, signal)) !== undefined) {
    if (performance.now() - begun > PATIENCE_MS)
      throw new Fault(
        'openstack_timeout',
        `deleting ${thing.name}: still there after ${PATIENCE_MS / 60_000} minutes`,
      );
    await sleep(700, undefined, { signal });
  }
}
