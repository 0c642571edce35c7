/**
 * How Drawbridge marks what it makes, so that it is found again and nothing else is ever touched.
 * The tag stands in the description of a forward's port or an ACL's rule and in the name of a proxy device; the mark stands
 * in the config of what is wholly ours.
 */
import { type Protocol, portOf } from '../request.ts';

/** Config key of forwards, ACLs and instances that says: made by Drawbridge. LXD leaves `user.*` keys to its clients. */
export const MARK = 'user.drawbridge';
/** The ACL that holds the source filters of one host. */
export const ACL_NAME = 'drawbridge';
const DEVICE_PREFIX = 'drawbridge-';

export interface DoorTag {
  door: string;
  instance: string;
  port: number;
  protocol: Protocol;
  /** Only on the rules of source filters. */
  sources?: string[];
}

/** `drawbridge door-7k2m9x blog:80`, with `from 10.0.0.0/8` behind it on a filter's rule. */
export function tagText(tag: DoorTag): string {
  const from = tag.sources === undefined ? '' : ` from ${tag.sources.join(',')}`;
  return `drawbridge ${tag.door} ${tag.instance}:${portOf(tag.port, tag.protocol)}${from}`;
}

/** The tag in a description, or undefined when it is not one of ours. */
export function parseTag(description: string | undefined): DoorTag | undefined {
  const match = /^drawbridge (door-[a-z0-9]+) ([a-z0-9-]+):(\d+)(\/udp)?(?: from (\S+))?$/i.exec(
    description ?? '',
  );
  if (match === null) return undefined;
  const [, door = '', instance = '', port = '', udp, from] = match;
  const tag: DoorTag = { door, instance, port: Number(port), protocol: udp === undefined ? 'tcp' : 'udp' };
  return from === undefined ? tag : { ...tag, sources: from.split(',') };
}

/** Name of the proxy device of a door. */
export function deviceName(door: string): string {
  return `${DEVICE_PREFIX}${door}`;
}

/** The door of a proxy device, or undefined when it is not one of ours. */
export function doorOfDevice(device: string): string | undefined {
  return /^drawbridge-(door-[a-z0-9]+)$/.exec(device)?.[1];
}

/** The door that a request opens. */
export function doorIdOf(requestId: string): string {
  return requestId.replace(/^req-/, 'door-');
}
