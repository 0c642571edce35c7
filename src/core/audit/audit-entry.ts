/** What the audit keeps of one thing that happened. */

export type AuditKind =
  | 'asked' // a command that changes something, before anything comes of it
  | 'looked' // a command that only shows something
  | 'refused' // by the policy, or because it came too late
  | 'planned'
  | 'clicked' // Approve, Deny or Cancel, before it is known whether it counts
  | 'decided' // approved, denied, cancelled or expired: what holds
  | 'cancel_wished' // while its steps run; how it ends is told by ended
  | 'step_begun'
  | 'step_done'
  | 'step_failed'
  | 'undo_begun'
  | 'step_undone'
  | 'step_left' // could not be taken back
  | 'proof'
  | 'ended'
  | 'policy_changed'
  | 'policy_broken'
  | 'host_vanished'
  | 'host_back'
  | 'door_kept' // its owner still needs it
  | 'recovered' // the registers were made anew from what stands
  | 'door_gone' // nothing of it stood any more, so it left the register
  | 'door_differs' // from what the register says of it
  | 'door_mended' // as it should be again, or closed
  | 'removals_approved'; // closings that were too many to be done without a word

export interface AuditEntry {
  kind: AuditKind;
  /** Absent for commands that never became a request. */
  request?: string;
  /** Slack id of whoever caused it. */
  user?: string;
  /** The instance, server or host that it is about, as people name it: `blog`, `web1/blog`, `server:web`, `web9`. */
  about?: string;
  /** The fingerprint of the plan that it is about. */
  plan?: string;
  /** One line for people. */
  what: string;
  /** Milliseconds since 1970. */
  at: number;
}

/** What entries are looked up by: one request, what one person caused, or what is about an instance, server or host. */
export type AuditTarget = { request: string } | { user: string } | { about: string };

/** The name of the list in which entries for a target stand. */
export function auditListOf(target: AuditTarget): string {
  if ('request' in target) return `request:${target.request}`;
  return 'user' in target ? `user:${target.user}` : `about:${target.about}`;
}

/** The lists in which an entry stands. One about `web1/blog` is about `blog`, too. */
export function auditListsOf({ request, user, about }: Omit<AuditEntry, 'at'>): string[] {
  const short = about?.replace(/^(server:)?.*\//, '$1');
  const abouts = new Set([about, short].filter((name) => name !== undefined));
  return [
    ...(request === undefined ? [] : [auditListOf({ request })]),
    ...(user === undefined ? [] : [auditListOf({ user })]),
    ...[...abouts].map((name) => auditListOf({ about: name })),
  ];
}
