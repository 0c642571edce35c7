/** What instances, ports and roads are called. */

export type Protocol = 'tcp' | 'udp';

export const ROAD_NAMES = [
  'forward',
  'proxy',
  'fip-port',
  'userspace',
  'routed',
  'port',
  'bridged',
  'lan',
  'server',
] as const;
export type RoadName = (typeof ROAD_NAMES)[number];

/**
 * An instance as people name it: `blog`, or `web1/blog` where the host matters. With `server` it is a server of a cloud,
 * `server:web` or `server:public/web`, and `host` is the cloud.
 */
export interface InstanceName {
  host?: string;
  instance: string;
  server?: true;
}

/** `blog`, `web1/blog` or `server:web`, as people type it. */
export function nameOf({ host, instance, server }: InstanceName): string {
  return `${server === true ? 'server:' : ''}${host === undefined ? '' : `${host}/`}${instance}`;
}

/** `80`, or `53/udp`: tcp is what people mean when they name none. */
export function portOf(port: number, protocol: Protocol): string {
  return protocol === 'tcp' ? String(port) : `${port}/${protocol}`;
}

/** `1 door`, `3 doors` */
export function doorsInWords({ length }: { length: number }): string {
  return length === 1 ? '1 door' : `${length} doors`;
}
