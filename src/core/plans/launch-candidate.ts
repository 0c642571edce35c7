/** Whether a host can take a new instance, from which image and in which pool. Pure. */
import { nearest } from '../commands/nearest.ts';
import { isRefusal, type Refusal, refuse } from '../refusal.ts';
import type { LaunchCommand } from '../request.ts';
import type { ImageChoice } from '../thing.ts';
import type { Room } from './room.ts';

/** What was seen of one host. */
export interface LaunchHost extends Omit<Room, 'disk'> {
  drained: boolean;
  /** Each with the request that it was made for, where Drawbridge made it. */
  instances: readonly { name: string; request?: string }[];
  images: readonly { fingerprint: string; aliases: readonly string[]; type: string }[];
  /** Each with the pool of the root disk that it gives, if it gives one. */
  profiles: readonly { name: string; pool?: string }[];
  pools: Readonly<Record<string, Room['disk']>>;
  /** Where LXD there may fetch images; `has` is unknown where that server could not be asked from here. */
  remote?: { server: string; has: boolean | 'unknown' };
}

/** A host that can take the instance. */
export interface Candidate {
  room: Room;
  image: ImageChoice;
  warnings: string[];
}

/** The host with its image, or why the instance cannot go there. */
export function candidateOf(command: LaunchCommand, seen: LaunchHost): Candidate | Refusal {
  const { host, drained, memory } = seen;
  if (drained)
    return refuse(
      'drained',
      `${host} is drained: nothing new is placed there.`,
      `\`host drain ${host} off\` takes that back.`,
    );
  const pool = poolFor(command, seen);
  if (typeof pool !== 'string') return pool;
  const image = imageFor(command, seen);
  if (isRefusal(image)) return image;
  return { room: { host, memory, disk: seen.pools[pool] ?? { total: 0, used: 0 } }, ...image };
}

/** The last profile with a root disk decides, as in LXD. */
function poolFor({ profiles = ['default'] }: LaunchCommand, seen: LaunchHost): string | Refusal {
  const names = seen.profiles.map(({ name }) => name);
  const missing = profiles.find((name) => !names.includes(name));
  if (missing !== undefined)
    return refuse(
      'not_found',
      `${seen.host} has no profile \`${missing}\`.`,
      didYouMean(missing, names, 'profiles'),
    );
  const pools = profiles.flatMap(
    (name) => seen.profiles.find((profile) => profile.name === name)?.pool ?? [],
  );
  return (
    pools.at(-1) ??
    refuse(
      'not_found',
      `None of the profiles ${profiles.join(', ')} gives the instance a disk on ${seen.host}.`,
      `Add one that does: \`profile default,${profiles.join(',')}\`.`,
    )
  );
}

/** Shorter ones could be words. */
const FINGERPRINT = /^[0-9a-f]{8,64}$/i;

function imageFor(
  { image }: LaunchCommand,
  seen: LaunchHost,
): Pick<Candidate, 'image' | 'warnings'> | Refusal {
  const { host, images, remote } = seen;
  const wanted = image.toLowerCase();
  const local =
    images.find(({ aliases }) => aliases.includes(image)) ??
    (FINGERPRINT.test(image) ? images.find(({ fingerprint }) => fingerprint.startsWith(wanted)) : undefined);
  if (local?.type === 'virtual-machine')
    return refuse(
      'not_found',
      `\`${image}\` on ${host} is an image of virtual machines; only containers are launched.`,
    );
  if (local !== undefined) return { image: { fingerprint: local.fingerprint }, warnings: [] };
  if (remote?.has === true || remote?.has === 'unknown') {
    const doubt = remote.has === true ? '' : ', which could not be asked from here whether it has it';
    const warnings = [`${host} fetches the image from ${remote.server}${doubt}`];
    return { image: { server: remote.server, alias: image }, warnings };
  }
  const nor = remote === undefined ? '' : `, nor has ${remote.server}`;
  const aliases = images.flatMap((each) => each.aliases);
  return refuse(
    'not_found',
    `${host} has no image \`${image}\`${nor}.`,
    didYouMean(image, aliases, 'images'),
  );
}

function didYouMean(word: string, known: readonly string[], what: string): string {
  const close = nearest(word, known);
  if (close.length > 0) return `Did you mean ${close.map((each) => `\`${each}\``).join(' or ')}?`;
  return `It has the ${what} ${known.slice(0, 10).join(', ') || 'of nobody'}.`;
}
