/** Looks for the open door that a command names, on the hosts or in the clouds that it may be on. Changes nothing. */

import { findDoor, type WantedDoor } from '../../src/core/plans/find-door.ts';
import { isRefusal, type Refusal, refuse } from '../../src/core/refusal.ts';
import type { StandingDoor } from '../../src/core/tags/standing-doors.ts';
import type { HostWorld } from '../../src/core/world.ts';
import { messageOf } from '../../src/errors.ts';
import type { PlanTools } from '../tools.ts';
import { lookAtClouds } from './observe-cloud.ts';
import { observeHost } from './observe-host.ts';

/** It needs only hosts that answer; one that does not is named when nothing was found elsewhere. */
export async function findStandingDoor(
  command: WantedDoor,
  tools: PlanTools,
  signal?: AbortSignal,
): Promise<StandingDoor | Refusal> {
  const { target } = command;
  const look = lookAtClouds(tools, signal);
  const isAsked = ({ name }: { name: string }): boolean => target.host === undefined || target.host === name;
  if (target.server === true) {
    const clouds = await Promise.all(tools.clouds.filter(isAsked).map(({ name }) => look.world(name)));
    return findDoor(command, [], clouds);
  }
  const asked = (await tools.hosts.list()).filter(isAsked);
  const results = await Promise.allSettled(asked.map((host) => observeHost(host, signal, look)));
  const worlds: HostWorld[] = results.flatMap((result) =>
    result.status === 'fulfilled' ? [result.value] : [],
  );
  const found = findDoor(command, worlds);
  const failed = results.find((result) => result.status === 'rejected');
  if (failed === undefined || !isRefusal(found) || found.reason !== 'not_found') return found;
  const message = `${found.message} But not every host could be asked: ${messageOf(failed.reason)}.`;
  return refuse('host_silent', message, 'Try again, or look at `/lxd hosts`.');
}
