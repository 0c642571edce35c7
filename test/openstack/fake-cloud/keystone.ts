/** The fake Keystone: tokens by password and by application credential, and the catalogue. */
import { randomUUID } from 'node:crypto';
import type { FakeState } from './state.ts';
import { type Fields, isFields, Refused, type Route } from './wire.ts';

export interface Credentials {
  user: string;
  userId: string;
  password: string;
  project: string;
  domain: { id: string; name: string };
  applicationCredential: { id: string; name: string; secret: string };
}

export const UNAUTHORIZED = {
  status: 401,
  body: {
    error: {
      code: 401,
      message: 'The request you have made requires authentication.',
      title: 'Unauthorized',
    },
  },
};

export function keystoneRoutes(
  state: FakeState,
  credentials: Credentials,
  catalogue: () => object[],
): Route[] {
  return [
    [
      'POST',
      '/auth/tokens',
      ({ body }) => {
        const auth = inner(body, 'auth');
        if (!isKnown(auth, credentials)) throw new Refused(UNAUTHORIZED);
        const inScope = isProject(state, credentials, auth);
        const token = `gAAAAA-${randomUUID()}`;
        const [now, end] = [Date.now(), Date.now() + state.tokenMs];
        state.tokens.set(token, end);
        return {
          status: 201,
          headers: { 'X-Subject-Token': token },
          body: {
            token: {
              methods: inner(auth, 'identity').methods,
              user: { id: credentials.userId, name: credentials.user, domain: credentials.domain },
              issued_at: new Date(now).toISOString(),
              expires_at: new Date(end).toISOString(),
              ...(inScope && {
                project: { id: state.projectId, name: credentials.project, domain: credentials.domain },
                catalog: catalogue(),
              }),
            },
          },
        };
      },
    ],
  ];
}

function isKnown(auth: Fields, known: Credentials): boolean {
  const identity = inner(auth, 'identity');
  const methods = identity.methods;
  if (Array.isArray(methods) && methods[0] === 'password') {
    const user = inner(inner(identity, 'password'), 'user');
    return isUser(user, known) && user.password === known.password;
  }
  const given = inner(identity, 'application_credential');
  const { id, name, secret } = known.applicationCredential;
  const named = given.id === id || (given.name === name && isUser(inner(given, 'user'), known));
  return named && given.secret === secret;
}

function isUser(user: Fields, known: Credentials): boolean {
  if (user.id === known.userId) return true;
  return user.name === known.user && isDomain(inner(user, 'domain'), known);
}

function isDomain(domain: Fields, { domain: known }: Credentials): boolean {
  return domain.id === known.id || domain.name === known.name;
}

/** @returns false for a token without a project. @throws Refused for a project that is not the user's */
function isProject(state: FakeState, known: Credentials, auth: Fields): boolean {
  if (isFields(inner(auth, 'identity').application_credential)) return true;
  if (!isFields(auth.scope)) return false;
  const project = inner(auth.scope, 'project');
  const named = project.name === known.project && isDomain(inner(project, 'domain'), known);
  if (project.id === state.projectId || named) return true;
  throw new Refused(UNAUTHORIZED);
}

function inner(value: unknown, key: string): Fields {
  const found = isFields(value) ? value[key] : undefined;
  return isFields(found) ? found : {};
}
