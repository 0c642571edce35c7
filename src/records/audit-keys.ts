/** Where the audit stands in Redis. */

export type AuditKeys = ReturnType<typeof auditKeys>;

/** The keys under one prefix. */
export function auditKeys(prefix: string) {
  return {
    /** A stream, the number of an entry being its id. */
    chain: `${prefix}:audit:chain`,
    /** `<count> <hash>` of the last entry. */
    head: `${prefix}:audit:head`,
    /** The numbers of the entries on one thing. */
    listOf: (name: string) => `${prefix}:audit:of:${name}`,
    /** The number of the last entry that the channel was shown. */
    mirrored: `${prefix}:audit:mirrored`,
    /** The policy as it was last noted. */
    policy: `${prefix}:audit:policy`,
  };
}
