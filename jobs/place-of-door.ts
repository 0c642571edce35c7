/** Where in Slack people talk about a door. */
import type { Place } from '../src/core/place.ts';
import type { Door } from '../src/core/record.ts';
import type { Tools } from './tools.ts';

/** In the thread of the request that opened it; where nobody knows that any more, in the channel or with the owner. */
export async function placeOfDoor(
  { request, channel, owner }: Door,
  { records }: Pick<Tools, 'records'>,
): Promise<Pick<Place, 'channel' | 'thread'>> {
  const [opening, message] = await Promise.all([
    records.requests.get(request),
    records.requests.message(request),
  ]);
  const thread = opening?.asked.thread ?? message?.ts;
  return {
    channel: channel ?? opening?.asked.channel ?? owner,
    ...(thread !== undefined && { thread }),
  };
}
