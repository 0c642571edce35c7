/** A login out of the settings that OpenStack's tools know it by. No I/O. */
import type { CloudLogin, Domain, Named } from './cloud-access.ts';
import { Secret } from './secret.ts';

type Auth = Readonly<Record<string, string>>;
type Tell = (problem: string) => void;

const PASSWORD = ['password', 'v3password'];
const APPLICATION_CREDENTIAL = ['v3applicationcredential', 'application_credential'];

/** undefined after telling what is missing. */
export function readLogin(type: string | undefined, auth: Auth, tell: Tell): CloudLogin | undefined {
  const byCredential =
    type === undefined
      ? auth.application_credential_secret !== undefined
      : APPLICATION_CREDENTIAL.includes(type);
  if (byCredential) return applicationCredential(auth, tell);
  if (type === undefined || PASSWORD.includes(type)) return byPassword(auth, tell);
  tell('`auth_type`: write password or v3applicationcredential; Drawbridge logs in by no other');
  return undefined;
}

function byPassword(auth: Auth, tell: Tell): CloudLogin | undefined {
  const user = userIn(auth);
  const project = named(
    auth.project_id ?? auth.tenant_id,
    auth.project_name ?? auth.tenant_name,
    domainIn(auth, 'project_domain'),
  );
  if (user === undefined) tell('`username` is missing, or `user_id`');
  if (auth.password === undefined)
    tell('`password` is missing: put it in secure.yaml beside clouds.yaml, or set OS_PASSWORD');
  if (project === undefined) tell('`project_name` is missing, or `project_id`');
  if (user === undefined || auth.password === undefined || project === undefined) return undefined;
  return { kind: 'password', user, password: new Secret(auth.password), project };
}

function applicationCredential(auth: Auth, tell: Tell): CloudLogin | undefined {
  const { application_credential_id: id, application_credential_name: name } = auth;
  const secret = auth.application_credential_secret;
  const user = userIn(auth);
  if (secret === undefined)
    tell('`application_credential_secret` is missing: it is shown once, when the credential is made');
  if (id === undefined && (name === undefined || user === undefined))
    tell('`application_credential_id` is missing, or `application_credential_name` with `username`');
  if (secret === undefined) return undefined;
  if (id !== undefined)
    return { kind: 'application_credential', credential: { id }, secret: new Secret(secret) };
  if (name === undefined || user === undefined) return undefined;
  return { kind: 'application_credential', credential: { name, user }, secret: new Secret(secret) };
}

function userIn(auth: Auth): Named | undefined {
  return named(auth.user_id, auth.username, domainIn(auth, 'user_domain'));
}

function named(id: string | undefined, name: string | undefined, domain: Domain): Named | undefined {
  if (id !== undefined) return { id };
  return name === undefined ? undefined : { name, domain };
}

/** Where none is named it is the first one of every Keystone, as OpenStack's own client has it. */
function domainIn(auth: Auth, kind: 'user_domain' | 'project_domain'): Domain {
  const [id, name] = [auth[`${kind}_id`] ?? auth.domain_id, auth[`${kind}_name`] ?? auth.domain_name];
  if (id !== undefined) return { id };
  return name === undefined ? { id: 'default' } : { name };
}
