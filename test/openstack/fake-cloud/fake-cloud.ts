/**
 * A cloud that is none: Keystone, Nova, Glance and Neutron over HTTP on the loopback, as strict as the real ones, and as broken as a
 * test wants them. It is held to the same contract as a real cloud.
 */
import { randomUUID } from 'node:crypto';
import type { CloudAccess } from '../../../src/openstack/client.ts';
import { Secret } from '../../../src/secret.ts';
import { type Fault, meet, type Wrong } from './faults.ts';
import { furnish } from './furnish.ts';
import { type Credentials, keystoneRoutes, UNAUTHORIZED } from './keystone.ts';
import { type Listening, listenFor } from './listen.ts';
import { floatingIpRoutes, followUp } from './neutron-floating-ips.ts';
import { networkRoutes } from './neutron-networks.ts';
import { portForwardingRoutes } from './neutron-port-forwardings.ts';
import { portRoutes } from './neutron-ports.ts';
import { createGroup, securityGroupRoutes } from './neutron-security-groups.ts';
import { serverRoutes } from './nova-servers.ts';
import { glanceRoutes, stockRoutes } from './nova-stock.ts';
import { emptyState, type FakeState } from './state.ts';
import { type Heard, Refused, type Reply, type Route, type Service } from './wire.ts';

export interface FakeCloud {
  /** All that it keeps and how it behaves; tests may look and change. */
  state: FakeState;
  /** Lets `createCloudClient` in with the password. */
  access: CloudAccess;
  credentials: Credentials;
  /** Every request so far, oldest first; `POST /auth/tokens` are the logins. */
  calls(): readonly Heard[];
  /** Makes the next requests go wrong. */
  fail(fault: Fault): void;
  /** Keeps requests like `POST /auth/tokens` waiting for something. */
  hold(what: string, until: Promise<void>): void;
  /** As if an operator had done it: every token is worth nothing from now on. */
  revokeTokens(): void;
  stop(): Promise<void>;
}

export interface FakeCloudOptions {
  /** Makes it listen with TLS. */
  tls?: { key: string; cert: string };
  /** The catalogue of Keystone; every service under its own path by default. */
  catalogue?: (base: string) => object[];
  /** Before a request has its effect; what it answers keeps the request from it. */
  before?: (heard: Heard) => Promise<Wrong | undefined> | Wrong | undefined;
  /** After it had its effect and before the reply goes out; what it answers replaces the reply. */
  after?: (heard: Heard, reply: Reply) => Promise<Wrong | undefined> | Wrong | undefined;
}

/** Furnished with a public network, a network of hosts behind a router, flavors and images; `furnish.ts` has the names. */
export async function startFakeCloud(options: FakeCloudOptions = {}): Promise<FakeCloud> {
  const state = emptyState();
  const credentials: Credentials = {
    user: 'bot',
    userId: randomUUID().replaceAll('-', ''),
    password: 'planted-password',
    project: 'bot',
    domain: { id: 'default', name: 'Default' },
    applicationCredential: {
      id: randomUUID().replaceAll('-', ''),
      name: 'drawbridge',
      secret: 'planted-secret',
    },
  };
  const heardSoFar: Heard[] = [];
  const faults: Fault[] = [];
  const held = new Map<string, Promise<void>>();
  let listening: Listening | undefined;
  const base = () => listening?.url ?? '';
  const catalogue = () => (options.catalogue ?? defaultCatalogue)(base());
  const routes = routesOf(state, credentials, catalogue);
  createGroup(state, 'default', 'Default security group');
  furnish(state);

  const answer = async (heard: Heard): Promise<Reply> => {
    if (heard.service !== 'identity' && !isLetIn(state, heard)) return UNAUTHORIZED;
    followUp(state);
    try {
      return await answerOf(routes[heard.service], heard);
    } catch (error) {
      if (error instanceof Refused) return error.reply;
      throw error;
    }
  };

  listening = await listenFor(async (heard) => {
    heardSoFar.push(heard);
    await held.get(`${heard.method} ${heard.path}`);
    const kept = await options.before?.(heard);
    if (kept !== undefined) return kept;
    const fault = meet(faults, heard);
    if (fault === undefined || fault.effect === true) {
      const reply = await answer(heard);
      const instead = await options.after?.(heard, reply);
      if (fault === undefined) return instead ?? reply;
    }
    return typeof fault.answer === 'function' ? fault.answer(heard) : fault.answer;
  }, options.tls);

  return {
    state,
    credentials,
    access: {
      authUrl: `${base()}/identity/v3`,
      login: {
        kind: 'password',
        user: { name: credentials.user, domain: { name: credentials.domain.name } },
        password: new Secret(credentials.password),
        project: { name: credentials.project, domain: { name: credentials.domain.name } },
      },
      interface: 'public',
    },
    calls: () => heardSoFar,
    fail: (fault) => {
      faults.push({ ...fault });
    },
    hold: (what, until) => {
      held.set(what, until);
    },
    revokeTokens: () => state.tokens.clear(),
    stop: listening.stop,
  };
}

export function defaultCatalogue(base: string): object[] {
  const service = (type: string, name: string, path: string) => ({
    type,
    name,
    id: type,
    endpoints: ['public', 'internal', 'admin'].map((each) => ({
      id: `${type}-${each}`,
      interface: each,
      region: 'RegionOne',
      region_id: 'RegionOne',
      url: `${base}${path}`,
    })),
  });
  return [
    service('compute', 'nova', '/compute/v2.1'),
    service('image', 'glance', '/image'),
    service('network', 'neutron', '/network'),
    service('identity', 'keystone', '/identity'),
  ];
}

function routesOf(
  state: FakeState,
  credentials: Credentials,
  catalogue: () => object[],
): Record<Service, Route[]> {
  return {
    identity: keystoneRoutes(state, credentials, catalogue),
    compute: [...stockRoutes(state), ...serverRoutes(state)],
    image: glanceRoutes(state),
    network: [
      ...networkRoutes(state),
      ...portRoutes(state),
      ...floatingIpRoutes(state),
      ...portForwardingRoutes(state),
      ...securityGroupRoutes(state),
    ],
  };
}

function isLetIn(state: FakeState, { headers }: Heard): boolean {
  const end = state.tokens.get(headers['x-auth-token'] ?? '');
  return end !== undefined && end > Date.now();
}

function answerOf(routes: Route[], heard: Heard): Reply | Promise<Reply> {
  const path = heard.path.split('/');
  for (const [method, pattern, handler] of routes) {
    const parts = pattern.split('/');
    if (method !== heard.method || parts.length !== path.length) continue;
    if (!parts.every((part, index) => part === '*' || part === path[index])) continue;
    const ids = path.filter((_, index) => parts[index] === '*').map(decodeURIComponent);
    return handler(heard, ...ids);
  }
  throw new Refused({ status: 404, body: heard.service === 'network' ? NO_RESOURCE : NO_PAGE });
}

const NO_RESOURCE = {
  NeutronError: { type: 'HTTPNotFound', message: 'The resource could not be found.', detail: '' },
};
const NO_PAGE = {
  message: 'The resource could not be found.<br /><br />\n\n\n',
  code: '404 Not Found',
  title: 'Not Found',
};
