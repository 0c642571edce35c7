/** A client for the lab's own hands: whom the tests do not test. Logs in from clouds.yaml and sends what it is told. */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { cloudsFile } from './cloud-plan.ts';

export type Service = 'identity' | 'compute' | 'network' | 'image';
type Json = Record<string, unknown>;

export class CloudRefusal extends Error {
  readonly status: number;
  constructor(what: string, status: number, text: string) {
    super(`${what}: ${status} ${text.slice(0, 300)}`);
    this.status = status;
  }
}

const cloudsShape = z.object({
  clouds: z.record(
    z.string(),
    z.object({ auth: z.looseObject({ auth_url: z.string(), project_name: z.string().optional() }) }),
  ),
});

const tokenShape = z.object({
  token: z.object({
    user: z.object({ id: z.string() }),
    project: z.object({ id: z.string() }),
    catalog: z.array(
      z.object({
        type: z.string(),
        endpoints: z.array(z.object({ interface: z.string(), url: z.string() })),
      }),
    ),
  }),
});

// The catalogue names the services without the version of their interface, except nova.
const versions: Record<Service, string> = { identity: '', compute: '', network: '/v2.0', image: '/v2' };

export interface CloudApi {
  userId: string;
  projectId: string;
  /** Sends a request to a service and returns the answer's body; throws `CloudRefusal` when the status is not 2xx. */
  call: <T = Json>(
    method: string,
    service: Service,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ) => Promise<T>;
  /** The list under its name in the answer: `list('network', '/ports?device_id=…', 'ports')`. */
  list: <T = { id: string; name: string }>(service: Service, path: string, key: string) => Promise<T[]>;
  /** Uploads an image's bytes. */
  upload: (path: string, bytes: Blob) => Promise<void>;
}

/** Logs in to the cloud of that name in the lab's clouds.yaml. */
export async function openCloud(cloud: string): Promise<CloudApi> {
  const entry = cloudsShape.parse(parse(readFileSync(cloudsFile(), 'utf8'))).clouds[cloud];
  if (entry === undefined) throw new Error(`${cloudsFile()} knows no cloud ${cloud}`);
  const url = `${entry.auth.auth_url}/auth/tokens`;
  const login = await send('POST', url, { auth: authentication(entry.auth) });
  const token = login.headers.get('x-subject-token') ?? '';
  const { user, project, catalog } = tokenShape.parse(await login.json()).token;
  const at = (service: Service, path: string): string => {
    const endpoints = catalog.find(({ type }) => type === service)?.endpoints ?? [];
    const base = endpoints.find((endpoint) => endpoint.interface === 'public')?.url;
    if (base === undefined) throw new Error(`The catalogue has no ${service}`);
    return `${base.replace(/\/$/, '')}${versions[service]}${path}`;
  };
  const call: CloudApi['call'] = async <T>(
    method: string,
    service: Service,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ) => {
    const answer = await send(method, at(service, path), body, { ...headers, 'x-auth-token': token });
    const text = await answer.text();
    return (text === '' ? {} : JSON.parse(text)) as T;
  };
  return {
    userId: user.id,
    projectId: project.id,
    call,
    list: async <T>(service: Service, path: string, key: string) =>
      (await call<Record<string, T[]>>('GET', service, path))[key] ?? [],
    upload: async (path, bytes) => {
      await send('PUT', at('image', path), bytes, { 'x-auth-token': token });
    },
  };
}

async function send(
  method: string,
  url: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Response> {
  const bytes = body instanceof Blob;
  const response = await fetch(url, {
    method,
    headers: { ...headers, 'content-type': bytes ? 'application/octet-stream' : 'application/json' },
    ...(body === undefined ? {} : { body: bytes ? body : JSON.stringify(body) }),
    signal: AbortSignal.timeout(300_000),
  });
  if (!response.ok) throw new CloudRefusal(`${method} ${url}`, response.status, await response.text());
  return response;
}

function authentication(auth: Json): Json {
  if (typeof auth.application_credential_id === 'string') {
    const credential = { id: auth.application_credential_id, secret: auth.application_credential_secret };
    return { identity: { methods: ['application_credential'], application_credential: credential } };
  }
  const domain = { name: 'Default' };
  const user = { name: auth.username, password: auth.password, domain };
  return {
    identity: { methods: ['password'], password: { user } },
    scope: { project: { name: auth.project_name, domain } },
  };
}
