/**
 * How Drawbridge marks what it makes in a cloud. The description stands on a thing from the moment it is made; tags count who needs
 * it. Neutron takes no `/` and no `,` in a tag (Network API, "standard-attr-tag"), so a CIDR is written with `_`.
 */
import type { RuleClaim } from '../cloud-world.ts';
import { type Protocol, portOf } from '../request.ts';

const OWNER = /^(door|host)-[a-z0-9-]+$/i;

/** `drawbridge door-7k2m9x blog:80` */
export function cloudMark(owner: string, about: string): string {
  return `drawbridge ${owner} ${about}`.slice(0, 255);
}

/** Whose a thing is and what for; undefined when it is not ours. */
export function parseCloudMark(
  description: string | null | undefined,
): { owner: string; about: string } | undefined {
  const [, owner = '', about = ''] = /^drawbridge (\S+) ?(.*)$/.exec(description ?? '') ?? [];
  return OWNER.test(owner) ? { owner, about } : undefined;
}

/** The owners among tags. */
export function ownersIn(tags: readonly string[]): string[] {
  return tags.filter((tag) => OWNER.test(tag)).sort();
}

/** `door-7k2m9x:tcp:80:10.0.0.0_8` */
export function claimTag({ owner, protocol, port, source }: RuleClaim): string {
  return `${owner}:${protocol}:${port}:${source.replace('/', '_')}`;
}

export function parseClaim(tag: string): RuleClaim | undefined {
  const match = /^((?:door|host)-[a-z0-9-]+):(tcp|udp):(\d+):([\d.]+)_(\d+)$/i.exec(tag);
  if (match === null) return undefined;
  const [, owner = '', protocol, port, address, bits] = match;
  return {
    owner,
    protocol: protocol === 'udp' ? 'udp' : 'tcp',
    port: Number(port),
    source: `${address}/${bits}`,
  };
}

/** The security group of a server's doors. */
export function groupNameOf(server: string): string {
  return `drawbridge-${server}`.slice(0, 255);
}

/** The owner of what belongs to a host as a whole. */
export function hostOwner(host: string): string {
  return `host-${host}`;
}

/** `blog:80` or `blog:53/udp`, what a thing is for. */
export function aboutDoor(instance: string, port: number, protocol: Protocol): string {
  return `${instance}:${portOf(port, protocol)}`;
}

/** The instance, port and protocol in what a thing is for. */
export function parseAbout(
  about: string,
): { instance: string; port: number; protocol: Protocol } | undefined {
  const match = /^([\w.-]+):(\d+)(\/udp)?$/.exec(about);
  if (match === null) return undefined;
  const [, instance = '', port, udp] = match;
  return { instance, port: Number(port), protocol: udp === undefined ? 'tcp' : 'udp' };
}
