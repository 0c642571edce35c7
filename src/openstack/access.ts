/** What it takes to be let into a cloud. */
import type { Secret } from '../secret.ts';

/** A domain of Keystone, by its id or its name. */
export type Domain = { id: string } | { name: string };

/** By id, or by a name within a domain. */
export type Named = { id: string } | { name: string; domain: Domain };

/** Who logs in, and into which project (Identity API v3, "Authentication and token management"). */
export type Login =
  | { kind: 'password'; user: Named; password: Secret; project: Named }
  | {
      kind: 'application_credential';
      credential: { id: string } | { name: string; user: Named };
      secret: Secret;
    };

export interface CloudAccess {
  /** Keystone's address, with or without `/v3`. */
  authUrl: string;
  login: Login;
  /** Needed only where the catalogue has several. */
  region?: string;
  /** Which of each service's addresses is used. */
  interface: 'public' | 'internal' | 'admin';
  /** Certificates of authorities in PEM, believed instead of those that Node knows. */
  ca?: string;
}

/** The body that asks Keystone for a token. */
export function loginBody(login: Login): object {
  if (login.kind === 'password') {
    const { user, password, project } = login;
    return {
      auth: {
        identity: {
          methods: ['password'],
          password: { user: { ...user, password: password.reveal() } },
        },
        scope: { project },
      },
    };
  }
  return {
    auth: {
      identity: {
        methods: ['application_credential'],
        application_credential: { ...login.credential, secret: login.secret.reveal() },
      },
    },
  };
}

/** The secret that must never be shown. */
export function secretOf(login: Login): string {
  return (login.kind === 'password' ? login.password : login.secret).reveal();
}

/** Keystone's token endpoint. */
export function tokenUrl(authUrl: string): string {
  return `${authUrl.replace(/\/+$/, '').replace(/\/v(2\.0|3)$/, '')}/v3/auth/tokens`;
}
