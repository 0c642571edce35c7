/**
 * The one shape of a fault: something outside broke. Refusals are values, never thrown.
 * Clients throw faults; nobody else invents codes.
 */

export type FaultCode =
  | 'lxd_unreachable' // no connection, or it was cut
  | 'lxd_timeout' // connected, no answer in time
  | 'lxd_host_key' // the host's SSH key is not the pinned one
  | 'lxd_unauthorized' // LXD or sshd does not let us in
  | 'lxd_not_found'
  | 'lxd_conflict' // 409: it exists already
  | 'lxd_changed' // 412: somebody else changed it in between
  | 'lxd_refused' // LXD validated the call and said no
  | 'lxd_failed' // LXD broke while doing it
  | 'lxd_garbled' // the answer is not LXD's
  | 'openstack_unreachable' // no connection, or it was cut
  | 'openstack_timeout' // connected, no answer in time
  | 'openstack_unauthorized' // 401: Keystone or a service does not take the credentials
  | 'openstack_forbidden' // 403: the project may not do that
  | 'openstack_not_found'
  | 'openstack_conflict' // 409: it exists already, or is in use
  | 'openstack_changed' // 412: somebody else changed it in between
  | 'openstack_quota' // the project has no more of that
  | 'openstack_refused' // 400 and its like: the call itself is wrong
  | 'openstack_throttled' // 429: too many calls
  | 'openstack_failed' // 5xx: the service broke while doing it
  | 'openstack_garbled' // the answer is not the service's
  | 'guard_failed' // the guard of a host is not there, or says no
  | 'foreign_object' // something stands there that Drawbridge did not make
  | 'door_gone' // a door was closed, or got another end, while its own was to be moved
  | 'lock_lost' // a lock could not be had or held in time
  | 'audit_broken' // what Redis keeps of the audit does not fit together, so nothing can be written behind it
  | 'host_unknown'
  | 'panic' // panic was called while a door was being opened
  | 'slack_failed'
  | 'config_invalid'
  | 'port_in_use'
  | 'redis_unreachable'
  | 'part_missing'; // a program or package that the machine does not have

/**
 * @property code closed list, safe to branch on
 * @property retryable whether the same call may succeed later without anybody doing anything
 */
export class Fault extends Error {
  readonly code: FaultCode;
  readonly retryable: boolean;

  constructor(code: FaultCode, message: string, options: { retryable?: boolean; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'Fault';
    this.code = code;
    this.retryable = options.retryable ?? false;
  }
}

/** True when `error` is a fault with one of `codes` (any fault when none is named). */
export function isFault(error: unknown, ...codes: FaultCode[]): error is Fault {
  return error instanceof Fault && (codes.length === 0 || codes.includes(error.code));
}

/** The message of anything that was thrown, causes appended, as plain words on one line. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return plainWords(String(error));
  const own = plainWords(error.message) || error.name;
  if (error.cause === undefined) return own;
  const cause = messageOf(error.cause);
  return own.includes(cause) ? own : `${own}: ${cause}`;
}

/**
 * Text that may come from outside on one line, with nothing in it that a terminal obeys, that changes the direction of writing, or that Slack
 * takes for a mention or a link. Everything else stays as it was said.
 */
export function plainWords(text: string): string {
  return text
    .replace(/[\p{C}\p{Z}]+/gu, ' ')
    .replace(/<(?=[!@#\w])/g, '‹')
    .trim();
}
