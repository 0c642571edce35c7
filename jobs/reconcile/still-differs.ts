/** Whether a difference about which Drawbridge asks by itself is there at this moment: a mark alone opens no way around the policy. */
import { ownAccord } from '../../src/core/differences/own-accord.ts';
import { type Refusal, refuse } from '../../src/core/refusal.ts';
import type { Asked } from '../../src/core/request.ts';
import { messageOf } from '../../src/errors.ts';
import { lookAtClouds } from '../observe/observe-cloud.ts';
import type { Tools } from '../tools.ts';
import { type SeenDifferences, type SeeTools, seeCloud, seeHost } from './see-differences.ts';

type Claim = Pick<Asked, 'id' | 'command' | 'difference'>;

/** undefined: it is, and what is asked for is what Drawbridge does about it. */
export async function stillDiffers(
  { id, command, difference }: Claim,
  tools: SeeTools & Pick<Tools, 'reconcile'>,
  signal: AbortSignal,
): Promise<Refusal | undefined> {
  if ((command.action !== 'unexpose' && command.action !== 'repair') || command.door === undefined)
    return refuse('not_permitted', 'Drawbridge does not ask for that by itself.');
  const { door: wanted, target } = command;
  const { doors, requests } = tools.records;
  let seen: SeenDifferences | undefined;
  try {
    seen = await see(target.host ?? '', wanted, tools, signal, id);
  } catch (error) {
    signal.throwIfAborted();
    return refuse(
      'host_silent',
      `${target.host ?? 'The host'} could not be looked at again: ${messageOf(error)}.`,
    );
  }
  const found = seen?.differences.find((each) => each.door.id === wanted && each.name === difference);
  if (found === undefined) return refuse('nothing_to_do', 'The difference is not there any more.');
  const opening = await requests.get((await doors.get(wanted))?.request ?? wanted.replace(/^door-/, 'req-'));
  const does = command.action === 'repair' ? 'repair' : 'close';
  if (ownAccord(found, opening, tools.reconcile) === does) return undefined;
  return refuse('not_permitted', 'Drawbridge does not do that by itself.');
}

async function see(
  place: string,
  door: string,
  tools: SeeTools,
  signal: AbortSignal,
  except: string,
): Promise<SeenDifferences | undefined> {
  const look = lookAtClouds(tools, signal);
  const host = (await tools.hosts.list()).find(({ name }) => name === place);
  if (host !== undefined) return seeHost(host, [door], look, tools, signal, except);
  if (tools.clouds.some(({ name }) => name === place)) return seeCloud(place, [door], look, tools, except);
  return undefined;
}
