/** Verbs on network ACLs. */
import { isFault } from '../errors.ts';
import type { Rest } from './call.ts';
import { pathOf } from './rest.ts';
import { acl } from './schemas.ts';
import type { LxdAcl, LxdAclChange } from './types.ts';
import { updateWithEtag } from './update-with-etag.ts';

export interface AclVerbs {
  /** undefined where there is none. */
  getAcl(name: string, signal?: AbortSignal): Promise<LxdAcl | undefined>;
  /** @throws Fault lxd_conflict where there is one; lxd_refused for rules that LXD does not take */
  createAcl(acl: LxdAcl, signal?: AbortSignal): Promise<void>;
  /**
   * Reads, changes and writes back, up to 5 times when somebody else was faster. As with networks, that replaces no lock.
   * @param change gives whole parts; undefined: nothing to do
   */
  updateAcl(
    name: string,
    change: (current: LxdAcl) => LxdAclChange | undefined,
    signal?: AbortSignal,
  ): Promise<void>;
  /** @throws Fault lxd_not_found where there is none; lxd_refused while a network or instance uses it */
  deleteAcl(name: string, signal?: AbortSignal): Promise<void>;
}

export function aclVerbs(rest: Rest): AclVerbs {
  const path = (name: string): string => pathOf('network-acls', name);
  const read = (name: string, signal: AbortSignal | undefined) =>
    rest.get(acl, { doing: `reading ACL ${name}`, path: path(name), signal });

  return {
    getAcl: async (name, signal) => {
      try {
        return (await read(name, signal)).value;
      } catch (error) {
        if (isFault(error, 'lxd_not_found')) return undefined;
        throw error;
      }
    },
    createAcl: async (body, signal) => {
      const doing = `creating ACL ${body.name}`;
      await rest.change({ doing, method: 'POST', path: pathOf('network-acls'), body, signal });
    },
    updateAcl: (name, change, signal) =>
      updateWithEtag(
        () => read(name, signal),
        change,
        (current, next, etag) =>
          rest.change({
            doing: `changing ACL ${name}`,
            method: 'PUT',
            path: path(name),
            body: { ...current, ...next },
            etag,
            signal,
          }),
      ),
    deleteAcl: async (name, signal) => {
      await rest.change({ doing: `deleting ACL ${name}`, method: 'DELETE', path: path(name), signal });
    },
  };
}
