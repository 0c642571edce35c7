/** Network ACLs of the pretended LXD. */
import { created, etagOf, LxdRefused, requireMatch, synced } from './lxd-answer.ts';
import { aclsOf, listOf, rangeOf } from './lxd-lets-in.ts';
import type { LxdParts, Routes } from './lxd-routes.ts';
import { BRIDGE, type LxdState } from './lxd-state.ts';
import { type SandboxAcl, type SandboxAclRule, writtenAcl } from './lxd-written.ts';

export function aclRoutes({ store }: LxdParts): Routes {
  return {
    'GET network-acls/*': (_call, name) => {
      const state = store.state();
      const found = aclNamed(state, name);
      return synced(told(found, state), etagOf(told(found, state)));
    },
    'POST network-acls': async ({ body }) => {
      const { name = '', description, config, ingress, egress } = writtenAcl.parse(body);
      await store.change((draft) => {
        if (draft.acls.some((each) => each.name === name))
          throw new LxdRefused(400, 'The network ACL already exists');
        const fresh = { name, description, config, ingress, egress };
        check(fresh);
        draft.acls.push(fresh);
      });
      return created(`/1.0/network-acls/${name}`);
    },
    'PUT network-acls/*': async ({ body, ifMatch }, name) => {
      const { description, config, ingress, egress } = writtenAcl.parse(body);
      await store.change((draft) => {
        const found = aclNamed(draft, name);
        requireMatch(ifMatch, etagOf(told(found, draft)));
        Object.assign(found, { description, config, ingress, egress });
        check(found);
      });
      return synced({});
    },
    'DELETE network-acls/*': async (_call, name) => {
      await store.change((draft) => {
        const found = aclNamed(draft, name);
        if (usedBy(found, draft).length > 0) throw new LxdRefused(500, 'Cannot delete an ACL that is in use');
        draft.acls = draft.acls.filter((each) => each !== found);
      });
      return synced({});
    },
  };
}

function aclNamed({ acls }: LxdState, name: string | undefined): SandboxAcl {
  const found = acls.find((each) => each.name === name);
  if (found === undefined) throw new LxdRefused(404, 'Network ACL not found');
  return found;
}

function told({ name, description, egress, ingress, config }: SandboxAcl, state: LxdState) {
  return { name, description, egress, ingress, config, used_by: usedBy({ name }, state) };
}

function usedBy({ name }: Pick<SandboxAcl, 'name'>, { network }: LxdState): string[] {
  return aclsOf(network.config).includes(name) ? [`/1.0/networks/${BRIDGE}`] : [];
}

function check({ name, config, ingress, egress }: SandboxAcl): void {
  if (name === '') throw refused('Name is required');
  if (!/^[a-zA-Z0-9-]+$/.test(name))
    throw refused('Name can only contain alphanumeric and hyphen characters');
  const foreign = Object.keys(config).find((key) => !key.startsWith('user.'));
  if (foreign !== undefined) throw refused(`Invalid config option "${foreign}"`);
  for (const [direction, rules] of Object.entries({ ingress, egress })) {
    rules.forEach((rule, index) => {
      const wrong = wrongWith(rule);
      if (wrong !== undefined) throw refused(`Invalid ${direction} rule ${index}: ${wrong}`);
      const twin = rules.findIndex((other) => JSON.stringify(other) === JSON.stringify(rule));
      if (twin < index) throw refused(`Duplicate of ${direction} rule ${twin}`);
    });
  }
}

function wrongWith(rule: SandboxAclRule): string | undefined {
  if (!['allow', 'drop', 'reject'].includes(rule.action)) return 'Action must be one of: allow, drop, reject';
  if (!['enabled', 'disabled', 'logged'].includes(rule.state))
    return 'State must be one of: enabled, disabled, logged';
  const source = wrongSubject(rule.source);
  if (source !== undefined) return `Invalid Source: ${source}`;
  const destination = wrongSubject(rule.destination);
  if (destination !== undefined) return `Invalid Destination: ${destination}`;
  const protocol = rule.protocol ?? '';
  if (!['', 'icmp4', 'icmp6', 'tcp', 'udp'].includes(protocol))
    return 'Protocol must be one of: icmp4, icmp6, tcp, udp';
  return wrongPorts(listOf(rule.destination_port), protocol);
}

function wrongSubject(subjects: string | undefined): string | undefined {
  const wrong = listOf(subjects).find((each) => rangeOf(each) === undefined);
  return wrong === undefined ? undefined : `Invalid subject "${wrong}"`;
}

function wrongPorts(ports: string[], protocol: string): string | undefined {
  if (ports.length > 0 && protocol === '')
    return 'Destination port cannot be used without specifying protocol';
  const wrong = ports.find((each) => !/^\d+(-\d+)?$/.test(each));
  return wrong === undefined ? undefined : `Invalid Destination port: Invalid port number "${wrong}"`;
}

function refused(why: string): LxdRefused {
  return new LxdRefused(500, why);
}
