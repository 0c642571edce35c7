/** What it takes to be let into a cloud. */
import type { Secret } from './secret.ts';

/** A domain of Keystone. */
export type Domain = { id: string } | { name: string };

/** By id, or by a name within a domain. */
export type Named = { id: string } | { name: string; domain: Domain };

/** Who logs in, and into which project (Identity API v3, "Authentication and token management"). */
export type CloudLogin =
  | { kind: 'password'; user: Named; password: Secret; project: Named }
  | {
      kind: 'application_credential';
      credential: { id: string } | { name: string; user: Named };
      secret: Secret;
    };

export interface CloudAccess {
  /** Keystone's address, with or without `/v3`. */
  authUrl: string;
  login: CloudLogin;
  /** Needed only where the catalogue has several. */
  region?: string;
  /** Which of each service's addresses is used. */
  interface: 'public' | 'internal' | 'admin';
  /** Certificates of authorities in PEM, believed instead of those that Node knows. */
  ca?: string;
}
