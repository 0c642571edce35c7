/** Calls to a cloud for which the client has no verb, as they are. */
import type { CloudAccess } from '../../src/openstack/client.ts';
import { createSession } from '../../src/openstack/session.ts';

export interface RawAnswer {
  status: number;
  /** Whatever came. */
  body: unknown;
}

export type Raw = (
  service: 'compute' | 'image' | 'network',
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: string,
  body?: object,
  headers?: Record<string, string>,
) => Promise<RawAnswer>;

export function rawCalls(access: CloudAccess): Raw {
  const retry = { tries: 1, pauseMs: 0, longestPauseMs: 0 };
  const session = createSession({ access, retry, timeoutMs: 30_000 });
  return async (service, method, path, body, headers) => {
    const sent = { ...(body && { body }), ...(headers && { headers }) };
    const { status, body: answer } = await session.send({ service, method, path, ...sent });
    return { status, body: answer };
  };
}
