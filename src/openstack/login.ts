/** How Keystone is asked to let us in. */
import type { CloudLogin } from '../cloud-access.ts';

/** The body that asks Keystone for a token. */
export function loginBody(login: CloudLogin): object {
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
export function secretOf(login: CloudLogin): string {
  return (login.kind === 'password' ? login.password : login.secret).reveal();
}

/** Keystone's token endpoint. */
export function tokenUrl(authUrl: string): string {
  return `${authUrl.replace(/\/+$/, '').replace(/\/v(2\.0|3)$/, '')}/v3/auth/tokens`;
}
