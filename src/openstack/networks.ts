/** Verbs on networks, subnets, routers, and on what Neutron can do and still gives (Network API v2.0). */
import type { Rest } from './call.ts';
import type { CloudClient } from './cloud-client.ts';
import { extension, network, quotas, router, subnet, under } from './schemas.ts';

type NetworkVerbs = Pick<
  CloudClient,
  'listExtensions' | 'getNetworkQuotas' | 'listNetworks' | 'listSubnets' | 'listRouters'
>;

const HOUR_MS = 3_600_000;

export function networkVerbs(rest: Rest): NetworkVerbs {
  const service = 'network';
  let known: { aliases: ReadonlySet<string>; until: number } | undefined;

  return {
    listExtensions: async (signal) => {
      if (known !== undefined && performance.now() < known.until) return known.aliases;
      const found = await rest.list('extensions', extension, {
        doing: 'listing Neutron’s extensions',
        service,
        path: ['extensions'],
        signal,
      });
      known = { aliases: new Set(found.map(({ alias }) => alias)), until: performance.now() + HOUR_MS };
      return known.aliases;
    },
    getNetworkQuotas: async (signal) => {
      const doing = 'reading Neutron’s quotas';
      const project = await rest.told(doing, () => rest.projectId(signal));
      return rest.get(under('quota', quotas), {
        doing,
        service,
        path: ['quotas', project, 'details.json'],
        signal,
      });
    },
    listNetworks: (filter, signal) =>
      rest.list('networks', network, {
        doing: 'listing networks',
        service,
        path: ['networks'],
        query: filter,
        signal,
      }),
    listSubnets: (filter, signal) =>
      rest.list('subnets', subnet, {
        doing: 'listing subnets',
        service,
        path: ['subnets'],
        query: filter,
        signal,
      }),
    listRouters: (filter, signal) =>
      rest.list('routers', router, {
        doing: 'listing routers',
        service,
        path: ['routers'],
        query: filter,
        signal,
      }),
  };
}
