/** A refusal: a value that says what was not possible, why, and what to do instead. */

export type RefusalReason =
  | 'not_understood'
  | 'not_permitted'
  | 'not_found'
  | 'ambiguous'
  | 'not_running'
  | 'no_address'
  | 'lock_out'
  | 'address_missing'
  | 'address_wildcard'
  | 'port_taken'
  | 'port_not_allowed'
  | 'no_road'
  | 'already_open'
  | 'not_ours'
  | 'sources_conflict'
  | 'host_silent'
  | 'drained'
  | 'panic'
  | 'quota'
  | 'cloud_unfit'
  | 'has_instances'
  | 'nothing_to_do'
  | 'exists'
  | 'not_in_channel';

export interface Refusal {
  kind: 'refused';
  reason: RefusalReason;
  /** What is wrong, one sentence. */
  message: string;
  /** The next move, one sentence or a command to copy. */
  next?: string;
}

/** Builds a refusal. */
export function refuse(reason: RefusalReason, message: string, next?: string): Refusal {
  return next === undefined
    ? { kind: 'refused', reason, message }
    : { kind: 'refused', reason, message, next };
}

/** True when `value` is a refusal and not what was hoped for. */
export function isRefusal(value: object): value is Refusal {
  return 'kind' in value && value.kind === 'refused';
}
