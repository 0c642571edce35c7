/** The part of the configuration file about OpenStack clouds. Who logs in is not in it: see cloud-settings.ts. */
import { z } from 'zod';
import { ALL_PORTS, labels, portRange } from './config-kinds.ts';
import { canonicalCidr, type Networks } from './core/sources.ts';

/** Where `launch` finds images that a host does not have (simplestreams; LXD takes it over TLS only). */
export const imagesServer = z.url({ protocol: /^https$/, error: 'write https://…' }).optional();

export const cloudSection = z.strictObject({
  os_cloud: z.string().min(1).optional(),
  external_network: z.string().min(1).optional(),
  network: z.string().min(1).optional(),
  image: z.string().min(1).optional(),
  flavor: z.string().min(1).optional(),
  key_file: z.string().min(1),
  user: z
    .string()
    .regex(/^[a-z_][a-z0-9_-]{0,31}$/, 'write a user name of Linux, like `drawbridge`')
    .default('drawbridge'),
  ssh_from: z.array(z.string()).default([]),
  public_ports: portRange.default(ALL_PORTS),
  config_drive: z.boolean().default(false),
  images_server: imagesServer,
  labels,
});

/** `ssh_from` as networks, whether they were written by name or not. */
export type CloudConfig = z.infer<typeof cloudSection>;

/** Which server of which cloud a host is. */
export const hostServer = z.strictObject({ cloud: z.string().min(1), name: z.string().min(1) });

/** The clouds with the names of networks resolved. */
export function withNetworks(
  clouds: Readonly<Record<string, CloudConfig>>,
  networks: Networks,
): Record<string, CloudConfig> {
  const resolved = Object.entries(clouds).map(([name, cloud]) => {
    const from = cloud.ssh_from.flatMap((each) =>
      Object.hasOwn(networks, each) ? (networks[each] ?? []) : [each],
    );
    return [name, { ...cloud, ssh_from: from }];
  });
  return Object.fromEntries(resolved);
}

/** Only the names, whatever else is wrong. */
const names = z
  .looseObject({
    hosts: z
      .record(
        z.string(),
        z.looseObject({ server: z.looseObject({ cloud: z.string() }).optional().catch(undefined) }),
      )
      .catch({}),
    clouds: z.record(z.string(), z.looseObject({ ssh_from: z.array(z.string()).catch([]) })).catch({}),
    networks: z.record(z.string(), z.unknown()).catch({}),
  })
  .catch({ hosts: {}, clouds: {}, networks: {} });

/** Clouds and networks that are named and are not there, a line each. */
export function cloudNamesThatLeadNowhere(content: unknown): string[] {
  const { hosts, clouds, networks } = names.parse(content);
  const unknownClouds = Object.entries(hosts)
    .filter(([, { server }]) => server !== undefined && !Object.hasOwn(clouds, server.cloud))
    .map(
      ([name, { server }]) =>
        `hosts.${name}.server.cloud: there is no cloud \`${server?.cloud}\` under \`clouds\``,
    );
  const unknownNetworks = Object.entries(clouds).flatMap(([name, { ssh_from }]) =>
    ssh_from
      .filter((each) => !Object.hasOwn(networks, each) && typeof canonicalCidr(each) !== 'string')
      .map((each) => `clouds.${name}.ssh_from: \`${each}\` is neither under \`networks\` nor a network`),
  );
  return [...unknownClouds, ...unknownNetworks];
}
