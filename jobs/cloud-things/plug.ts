/** Plugs a port of ours into a running server, and out of it. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ThingOf } from '../../src/core/thing.ts';
import { Fault } from '../../src/errors.ts';
import { cloudOf, type StepTools } from '../thing-tools.ts';
import { findOwnPort, ownPort } from './own-port.ts';

type Plug = ThingOf<'plug'>;

/** How long the cloud may take for it, in milliseconds; seen are 3 to 8 s. */
const PATIENCE_MS = 60_000;

/** Attaches the port, and waits until Neutron says that it is plugged. */
export async function putPlug(thing: Plug, tools: StepTools): Promise<void> {
  const { client } = cloudOf(thing.cloud, tools);
  const port = await ownPort(client, thing.owner, tools.signal);
  if (port.device_id !== thing.server) await client.attachPort(thing.server, port.id, tools.signal);
  await until(async () => {
    const seen = await client.getPort(port.id, tools.signal);
    return seen?.device_id === thing.server && seen.status === 'ACTIVE';
  }, `plugging the port for ${thing.about} into the server`);
}

/** Detaches it, and waits until it is out, so that it can be deleted. */
export async function removePlug(thing: Plug, tools: StepTools): Promise<void> {
  const { client } = cloudOf(thing.cloud, tools);
  const port = await findOwnPort(client, thing.owner, tools.signal);
  if (port === undefined || port.device_id === '') return;
  await client.detachPort(thing.server, port.id, tools.signal);
  await until(
    async () => ((await client.getPort(port.id, tools.signal))?.device_id ?? '') === '',
    `unplugging the port for ${thing.about}`,
  );
}

async function until(done: () => Promise<boolean>, doing: string): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  while (!(await done())) {
    if (performance.now() > end)
      throw new Fault('openstack_timeout', `${doing}: not done after ${PATIENCE_MS / 1_000} s`, {
        retryable: true,
      });
    await sleep(500);
  }
}
