/** The client of one cloud: the verbs of every noun over one session. The door of this room. */
import type { CloudAccess } from '../cloud-access.ts';
import { checkVerb } from './check.ts';
import type { CloudClient } from './cloud-client.ts';
import { floatingIpVerbs } from './floating-ips.ts';
import { secretOf } from './login.ts';
import { networkVerbs } from './networks.ts';
import { portVerbs } from './ports.ts';
import { createRest } from './rest.ts';
import type { RetryPolicy } from './retry.ts';
import { securityGroupVerbs } from './security-groups.ts';
import { serverVerbs } from './servers.ts';
import { createSession } from './session.ts';
import { stockVerbs } from './stock.ts';
import { tagVerbs } from './tags.ts';

export type { CloudAccess } from '../cloud-access.ts';
export type { CloudClient, Filter } from './cloud-client.ts';
export type * from './types.ts';

export interface CloudClientOptions {
  /** The cloud's name in the configuration. */
  name: string;
  access: CloudAccess;
  /** Most that one call may take; 30 s by default. */
  timeoutMs?: number;
  /** 4 tries by default, half a second before the second, at most 30 s before any. */
  retry?: RetryPolicy;
}

/** Nothing connects before the first verb. */
export function createCloudClient({
  name,
  access,
  timeoutMs = 30_000,
  retry = { tries: 4, pauseMs: 500, longestPauseMs: 30_000 },
}: CloudClientOptions): CloudClient {
  const session = createSession({ access, retry, timeoutMs });
  const hide = (text: string): string => {
    const secrets = [secretOf(access.login), session.token()].filter(
      (each) => each !== undefined && each !== '',
    );
    return secrets.reduce<string>((shown, secret) => shown.replaceAll(secret ?? '', '[redacted]'), text);
  };
  const rest = createRest({ session, cloud: name, retry, hide });
  return {
    name,
    ...checkVerb(rest),
    ...serverVerbs(rest),
    ...stockVerbs(rest),
    ...networkVerbs(rest),
    ...portVerbs(rest),
    ...floatingIpVerbs(rest),
    ...securityGroupVerbs(rest),
    ...tagVerbs(rest),
  };
}
