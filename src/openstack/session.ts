/**
 * Authentication, catalogue and transport. The only file that knows pkgcloud; calls go past what it makes of answers: its lists call
 * nobody back at a 502, its words mislead, and it logs in once for each of parallel calls.
 */
import pkgcloud from 'pkgcloud';
import type { CloudAccess } from '../cloud-access.ts';
import { Fault, isFault } from '../errors.ts';
import type { Answer, Outgoing } from './answer.ts';
import { readCatalogue, type ServiceType, withVersion } from './catalogue.ts';
import { exchange } from './exchange.ts';
import { answerFault, whileDoing } from './faults.ts';
import { loginBody, tokenUrl } from './login.ts';
import { raced } from './raced.ts';
import { type RetryPolicy, withRetries } from './retry.ts';

export interface SessionOptions {
  access: CloudAccess;
  retry: RetryPolicy;
  timeoutMs: number;
}

export interface ServiceCall extends Omit<Outgoing, 'uri'> {
  service: ServiceType;
  /** Behind the service's endpoint and version, with its query, every part encoded. */
  path: string;
  signal?: AbortSignal | undefined;
}

export interface Session {
  /**
   * One call, under the one token that all calls share; after a 401 once more under a new one.
   * @returns the answer, whatever its status
   * @throws Fault openstack_* where there is no answer or no login
   */
  send(call: ServiceCall): Promise<Answer>;
  /** The project that the login is for. */
  projectId(signal?: AbortSignal): Promise<string>;
  /** Logs in whether or not there is a token. */
  renew(signal?: AbortSignal): Promise<void>;
  /** The token in use, so that it can be kept out of messages. */
  token(): string | undefined;
}

interface Pass {
  token: string;
  projectId: string;
  region: string;
  /** By performance.now(): a clock that nobody sets. */
  renewAt: number;
}

/** A token is renewed so long before its end, or at three quarters of its life where that is short. */
const EARLY_MS = 5 * 60_000;

/** Nothing connects before the first call. */
export function createSession(options: SessionOptions): Session {
  const { access, timeoutMs } = options;
  const clients = pkgcloudClients(access);
  let pass: Pass | undefined;
  let underWay: Promise<Pass> | undefined;

  const newPass = (): Promise<Pass> => {
    underWay ??= logIn(clients, options)
      .then((made) => {
        pass = made;
        return made;
      })
      .catch((error) => {
        throw isFault(error) ? whileDoing('logging in', error) : error;
      })
      .finally(() => {
        underWay = undefined;
      });
    return underWay;
  };
  const currentPass = (signal: AbortSignal | undefined): Promise<Pass> =>
    pass !== undefined && performance.now() < pass.renewAt ? Promise.resolve(pass) : raced(newPass(), signal);

  return {
    send: async ({ service, path, signal, ...outgoing }) => {
      for (let tried = 1; ; tried += 1) {
        const { token, region } = await currentPass(signal);
        const uri = `${endpointOf(clients.client, access.interface, service, region)}${path}`;
        const answer = await exchange(clients.client, { ...outgoing, uri }, { timeoutMs, signal });
        if (answer.status !== 401 || tried === 2) return answer;
        if (pass?.token === token) pass = undefined;
      }
    },
    projectId: async (signal) => (await currentPass(signal)).projectId,
    renew: async (signal) => {
      await raced(newPass(), signal);
    },
    token: () => pass?.token,
  };
}

type Clients = ReturnType<typeof pkgcloudClients>;

/** Asks Keystone for a token in pkgcloud's place, whose own call has no end and knows no authority and no application credential. */
async function logIn(
  { client, keystone }: Clients,
  { access, retry, timeoutMs }: SessionOptions,
): Promise<Pass> {
  const uri = tokenUrl(access.authUrl);
  const outgoing = { method: 'POST', uri, body: loginBody(access.login) } as const;
  const answer = await withRetries({ policy: retry, repeatable: true }, () =>
    exchange(keystone, outgoing, { timeoutMs }),
  );
  if (answer.status < 200 || answer.status >= 300) throw loginFault(answer);
  const token = answer.headers['x-subject-token'];
  const { projectId, region, lifeMs, forPkgcloud } = readCatalogue(answer.body, access);
  if (typeof token !== 'string')
    throw new Fault('openstack_garbled', 'Keystone’s answer has no token', { retryable: true });
  client._identity._parseIdentityResponse(forPkgcloud, { 'x-subject-token': token });
  // When the token ends is decided here; pkgcloud compares with the machine's clock, which may be wrong.
  client._identity.token = { id: token, expires: new Date(8.64e15) };
  client._serviceUrl = access.authUrl;
  return { token, projectId, region, renewAt: performance.now() + lifeMs - Math.min(EARLY_MS, lifeMs / 4) };
}

/** @throws Fault config_invalid where the catalogue has none */
function endpointOf(
  client: Clients['client'],
  wanted: CloudAccess['interface'],
  service: ServiceType,
  region: string,
): string {
  try {
    const url = client._identity.getServiceEndpointUrl({
      serviceType: service,
      region,
      useInternal: wanted === 'internal',
      useAdmin: wanted === 'admin',
    });
    return withVersion(service, url);
  } catch (cause) {
    const words = `the cloud’s catalogue has no ${wanted} address of a ${service} service in the region \`${region}\``;
    throw new Fault('config_invalid', words, { cause });
  }
}

function loginFault(answer: Answer): Fault {
  const fault = answerFault(answer);
  if (answer.status !== 401) return fault;
  const next =
    'Are user, password, project and their domains right, or is the application credential expired?';
  return new Fault('openstack_unauthorized', `Keystone refuses the credentials: ${fault.message} ${next}`);
}

/** One client for all services, since each of pkgcloud's logs in for itself; and one without a token, to log in with. */
function pkgcloudClients({ authUrl, ca }: CloudAccess) {
  const client = pkgcloud.network.createClient({ provider: 'openstack', authUrl, keystoneAuthVersion: 'v3' });
  const keystone = new pkgcloud.base.Client({});
  keystone.before = [];
  const trust = ca === undefined ? {} : { ca };
  // A kept connection may turn out to be closed, which fails the call: only reads, which are made again, go by kept ones.
  const reads = { pool: {}, agentOptions: { ...trust, keepAlive: true } };
  const changes = { pool: {}, agentOptions: { ...trust, keepAlive: false } };
  for (const each of [client, keystone]) {
    each.failCodes = {};
    each.before.push((options) => {
      const ways = options.method === 'GET' ? reads : changes;
      Object.assign(options, { json: true, followRedirect: false, ...trust, ...ways });
    });
  }
  return { client, keystone };
}
