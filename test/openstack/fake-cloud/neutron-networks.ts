/** The fake Neutron's networks, subnets, routers, extensions and quotas. A project reads them; the tests make them. */
import { bare, listReply, shown, usedOf } from './neutron.ts';
import { type FakeNetwork, type FakeState, visible } from './state.ts';
import { neutronError, type Route } from './wire.ts';

export function networkRoutes(state: FakeState): Route[] {
  const view = (network: FakeNetwork) => ({
    ...bare(network),
    status: 'ACTIVE',
    admin_state_up: true,
    shared: network['router:external'],
    subnets: visible(state.subnets)
      .filter(({ network_id }) => network_id === network.id)
      .map(({ id }) => id),
  });

  return [
    ['GET', '/', () => ({ status: 200, body: { resources: [] } })],
    [
      'GET',
      '/extensions',
      (heard) => {
        const all = [...state.extensions].map((alias) => ({ alias, name: alias, id: alias }));
        return listReply(state, 'extensions', all, heard);
      },
    ],
    ['GET', '/networks', (heard) => listReply(state, 'networks', visible(state.networks).map(view), heard)],
    [
      'GET',
      '/subnets',
      (heard) => {
        const own = shown(state.subnets).filter(
          ({ network_id }) => state.networks.get(network_id)?.['router:external'] !== true,
        );
        return listReply(state, 'subnets', own, heard);
      },
    ],
    [
      'GET',
      '/routers',
      (heard) => {
        const all = visible(state.routers).map(({ interfaces: _, ...router }) => bare(router));
        return listReply(state, 'routers', all, heard);
      },
    ],
    [
      'GET',
      '/quotas/*/details.json',
      (_heard, project) => {
        if (project !== state.projectId)
          throw neutronError(403, 'PolicyNotAuthorized', 'rule:get_quota is disallowed by policy');
        const used = usedOf(state);
        const entries = Object.entries(state.quotas).map(([name, limit]) => [
          name,
          { limit, used: used[name] ?? 0, reserved: 0 },
        ]);
        return { status: 200, body: { quota: Object.fromEntries(entries) } };
      },
    ],
  ];
}
