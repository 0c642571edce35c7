/**
 * Verbs on tags: marks on Neutron's objects that are set and taken one by one (Network API, "standard-attr-tag"). Of several set on
 * one object at once, some end with status 500 (measured on Zed); setting what is set already does nothing, so they are made again.
 */
import type { Rest } from './call.ts';
import type { CloudClient } from './cloud-client.ts';

type TagVerbs = Pick<CloudClient, 'addTag' | 'removeTag'>;

export function tagVerbs(rest: Rest): TagVerbs {
  const service = 'network';

  return {
    addTag: (kind, id, tag, signal) =>
      rest.act({
        doing: `tagging ${id} of ${kind} with ${tag}`,
        service,
        method: 'PUT',
        path: [kind, id, 'tags', tag],
        repeatable: true,
        signal,
      }),
    removeTag: (kind, id, tag, signal) =>
      rest.remove({
        doing: `taking tag ${tag} from ${id} of ${kind}`,
        service,
        path: [kind, id, 'tags', tag],
        repeatable: true,
        signal,
      }),
  };
}
