/** Instances of the pretended LXD: making, starting, stopping, deleting them. */
import { setTimeout as sleep } from 'node:timers/promises';
import { begun, LxdRefused } from './lxd-answer.ts';
import { checkConfig, instanceNamed } from './lxd-instance-routes.ts';
import type { Outcome } from './lxd-operations.ts';
import type { LxdCall, LxdParts, Routes } from './lxd-routes.ts';
import { freshInstance, IMAGES, PROFILES } from './lxd-state.ts';
import { writtenNewInstance, writtenPower } from './lxd-written.ts';

/** Unpacking an image takes a moment. */
const UNPACK_MS = 120;

export function lifeRoutes(parts: LxdParts): Routes {
  const { store, operations } = parts;
  return {
    'POST instances': (call) => make(call, parts),
    'PUT instances/*/state': ({ body }, name = '') => {
      const { action } = writtenPower.parse(body);
      instanceNamed(store.state(), name);
      if (action === 'freeze' || action === 'unfreeze') throw new LxdRefused(501, 'not implemented');
      const description = { start: 'Starting', stop: 'Stopping', restart: 'Restarting' }[action];
      const busy = operations.busyWith(name);
      const work = async () => {
        if (busy !== undefined)
          throw new LxdRefused(
            400,
            `Failed to create instance ${action} operation: Instance is busy running a "${wordOf(busy)}" operation`,
          );
        return turn(name, action, parts);
      };
      return begun(operations.begin(`${description} instance`, name, work));
    },
    'DELETE instances/*': (_call, name = '') => {
      if (instanceNamed(store.state(), name).running) throw new LxdRefused(400, 'Instance is running');
      const work = async () => {
        await store.change((draft) => {
          draft.instances = draft.instances.filter((each) => each.name !== name);
        });
        return {};
      };
      return begun(operations.begin('Deleting instance', name, work));
    },
  };
}

/** What is wrong with the call is answered at once; what is found out on the way ends the operation. */
function make({ body }: LxdCall, { store, operations }: LxdParts) {
  const { name, profiles, config, source } = writtenNewInstance.parse(body);
  if (!/^[a-z0-9-]+$/i.test(name))
    throw new LxdRefused(
      400,
      'Invalid instance name: Name can only contain alphanumeric and hyphen characters',
    );
  const { alias, fingerprint, server } = source;
  if (server === undefined && alias !== undefined && !IMAGES.some((image) => image.alias === alias))
    throw new LxdRefused(404, 'Image alias not found');
  const missing = profiles?.find((profile) => PROFILES[profile] === undefined);
  if (missing !== undefined) throw new LxdRefused(500, `Requested profile "${missing}" doesn't exist`);
  const work = async (_id: string, report: (metadata: Record<string, unknown>) => void): Promise<Outcome> => {
    if (server !== undefined) return { err: NO_IMAGE };
    if (fingerprint !== undefined && !IMAGES.some((image) => image.fingerprint.startsWith(fingerprint)))
      return { err: 'Image not provided for instance creation' };
    await store.change((draft) => {
      if (draft.instances.some((each) => each.name === name)) throw new LxdRefused(409, TAKEN);
      checkConfig(config);
      draft.instances.push(freshInstance({ name, profiles: profiles ?? ['default'], config }, draft));
    });
    for (const percent of [40, 100]) {
      await sleep(UNPACK_MS / 2);
      report({ create_instance_from_image_unpack_progress: `Unpack: ${percent}% (100.00MB/s)` });
    }
    return {};
  };
  return begun(operations.begin('Creating instance', name, work));
}

const NO_IMAGE =
  "Failed getting remote image info: Failed getting image: The requested image couldn't be found";
const TAKEN =
  'Failed creating instance record: Add instance info to the database: This "instances" entry already exists';

async function turn(
  name: string,
  action: 'start' | 'stop' | 'restart',
  { store, consoles }: LxdParts,
): Promise<Outcome> {
  await store.change((draft) => {
    const instance = instanceNamed(draft, name);
    if (action === 'start' && instance.running) throw new LxdRefused(400, 'The instance is already running');
    if (action !== 'start' && !instance.running) throw new LxdRefused(400, 'The instance is already stopped');
    instance.running = action !== 'stop';
    instance.config['volatile.last_state.power'] = instance.running ? 'RUNNING' : 'STOPPED';
    if (instance.running)
      instance.config['volatile.eth0.host_name'] = `veth77${instance.address.split('.')[3]}`;
    else delete instance.config['volatile.eth0.host_name'];
  });
  if (action === 'stop') consoles.stopped(name);
  else consoles.started(name);
  return {};
}

/** `Creating instance` is called `create` where it is in the way. */
function wordOf(description: string): string {
  const word = description.split(' ')[0]?.toLowerCase() ?? '';
  return { creating: 'create', starting: 'start', stopping: 'stop', restarting: 'restart' }[word] ?? word;
}
