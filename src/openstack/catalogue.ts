/** What Keystone says after a login: token, project, and where the services are. No I/O. */
import { z } from 'zod';
import type { CloudAccess } from '../cloud-access.ts';
import { Fault } from '../errors.ts';

export type ServiceType = 'compute' | 'image' | 'network';

const endpoint = z.looseObject({
  interface: z.string(),
  url: z.string(),
  region: z.string().nullish(),
  region_id: z.string().nullish(),
});
const service = z.looseObject({ type: z.string(), endpoints: z.array(endpoint) });

/** Identity API v3, POST /v3/auth/tokens. */
const issued = z.object({
  token: z.looseObject({
    issued_at: z.iso.datetime(),
    expires_at: z.iso.datetime(),
    project: z.looseObject({ id: z.string(), name: z.string() }).optional(),
    catalog: z.array(service).default([]),
  }),
});

export interface Catalogue {
  projectId: string;
  lifeMs: number;
  region: string;
  /** Keystone's answer in the form in which pkgcloud reads it right. */
  forPkgcloud: object;
}

/**
 * pkgcloud keeps services by name, so that two of one name or none hide each other, and finds no endpoint without a region: names
 * are made of type and place in the list here, and regions are filled in.
 * @throws Fault openstack_garbled, config_invalid
 */
export function readCatalogue(body: unknown, access: Pick<CloudAccess, 'region'>): Catalogue {
  const parsed = issued.safeParse(body);
  if (!parsed.success) {
    throw new Fault('openstack_garbled', 'Keystone’s answer has not the shape of a token', {
      retryable: true,
    });
  }
  const { token } = parsed.data;
  if (token.project === undefined) {
    throw new Fault(
      'config_invalid',
      'the login is for no project: name it, `project_name` in clouds.yaml or OS_PROJECT_NAME',
    );
  }
  const region = regionOf(token.catalog, access.region);
  const catalog = token.catalog.map(({ endpoints, ...rest }, index) => ({
    ...rest,
    name: `${rest.type}-${index}`,
    endpoints: endpoints.map((each) => ({ ...each, region: placeOf(each) ?? region })),
  }));
  return {
    projectId: token.project.id,
    lifeMs: Date.parse(token.expires_at) - Date.parse(token.issued_at),
    region,
    forPkgcloud: { token: { ...token, catalog } },
  };
}

function regionOf(catalog: z.infer<typeof service>[], wanted: string | undefined): string {
  const regions = [
    ...new Set(catalog.flatMap(({ endpoints }) => endpoints.flatMap((each) => placeOf(each) ?? []))),
  ];
  const known = regions.map((each) => `\`${each}\``).join(', ');
  if (wanted === undefined && regions.length > 1) {
    throw new Fault(
      'config_invalid',
      `the cloud has several regions, ${known}: name one, \`region_name\` in clouds.yaml or OS_REGION_NAME`,
    );
  }
  if (wanted !== undefined && regions.length > 0 && !regions.some((each) => same(each, wanted))) {
    throw new Fault('config_invalid', `the cloud has no region \`${wanted}\`; it has ${known}`);
  }
  return wanted ?? regions[0] ?? 'only';
}

function placeOf({ region, region_id }: z.infer<typeof endpoint>): string | undefined {
  return (region ?? region_id) || undefined;
}

function same(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

/** An endpoint of the catalogue with its API's version at the end, whichever way the cloud's operators wrote it. */
export function withVersion(type: ServiceType, url: string): string {
  const bare = url.replace(/\/+$/, '');
  if (type === 'compute') return bare;
  return `${bare.replace(/\/v2(\.0)?$/, '')}/${type === 'network' ? 'v2.0' : 'v2'}`;
}
