/** Verbs on security groups, their rules, and tags (Network API v2.0). */
import type { Rest } from './call.ts';
import type { CloudClient } from './cloud-client.ts';
import { rule, securityGroup, under } from './schemas.ts';

type SecurityGroupVerbs = Pick<
  CloudClient,
  'listSecurityGroups' | 'createSecurityGroup' | 'deleteSecurityGroup' | 'createRule' | 'deleteRule'
>;

export function securityGroupVerbs(rest: Rest): SecurityGroupVerbs {
  const service = 'network';

  return {
    listSecurityGroups: (filter, signal) =>
      rest.list('security_groups', securityGroup, {
        doing: 'listing security groups',
        service,
        path: ['security-groups'],
        query: filter,
        signal,
      }),
    createSecurityGroup: (name, description, signal) =>
      rest.change(under('security_group', securityGroup), {
        doing: `creating security group ${name}`,
        service,
        method: 'POST',
        path: ['security-groups'],
        body: { security_group: { name, description } },
        signal,
      }),
    deleteSecurityGroup: (id, signal) =>
      rest.remove({ doing: `deleting security group ${id}`, service, path: ['security-groups', id], signal }),
    createRule: (request, signal) =>
      rest.change(under('security_group_rule', rule), {
        doing: `creating a rule in security group ${request.security_group_id}`,
        service,
        method: 'POST',
        path: ['security-group-rules'],
        body: { security_group_rule: request },
        signal,
      }),
    deleteRule: (id, signal) =>
      rest.remove({ doing: `deleting rule ${id}`, service, path: ['security-group-rules', id], signal }),
  };
}
