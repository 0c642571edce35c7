/** Takes a door into the register as it stands. */
import type { ThingOf } from '../../src/core/thing.ts';
import type { StepTools } from '../thing-tools.ts';

/** What the register knew of it stays: whose it is, who approved it, when it ends. Done twice it changes nothing more. */
export async function putEntry({ things }: ThingOf<'entry'>, tools: StepTools): Promise<void> {
  const { records, request, door } = tools;
  if (door === undefined) throw new Error('a door is taken in without saying which');
  const [before, record] = await Promise.all([records.doors.get(door.id), records.requests.get(request)]);
  const asked = record?.asked;
  if (asked === undefined) throw new Error(`${request} is not known`);
  const approvers = record?.decision?.approvals?.map(({ by }) => by);
  const fresh = {
    owner: asked.requester,
    ...(approvers !== undefined && { approvers }),
    ...(asked.command.reason !== undefined && { reason: asked.command.reason }),
    // Its own id comes from the request that opened it, whether anybody still knows that or not.
    request: door.id.replace(/^door-/, 'req-'),
    channel: asked.channel,
    openedAt: asked.at,
    proof: { state: 'checked' as const, seen: 'it was taken in as it stood' },
  };
  const publicAddress = door.publicAddress ?? before?.publicAddress ?? '0.0.0.0';
  await records.doors.put({ ...(before ?? fresh), ...door, publicAddress, things });
}

/** The register keeps it: what stands is not changed by forgetting it. */
export async function removeEntry(_thing: ThingOf<'entry'>, _tools: StepTools): Promise<void> {}
