/** Names in the policy that lead nowhere: a role, a network or a host that the file does not have. Told whatever else is wrong. */
import { z } from 'zod';
import { canonicalCidr } from './core/sources.ts';

const list = z.array(z.string()).catch([]);
const keys = z.record(z.string(), z.unknown()).catch({});
const rule = z
  .looseObject({
    when: z.looseObject({ by: list, hosts: list, beyond: list, within: list }).catch({} as never),
    approval: z
      .looseObject({ by: list, escalate: z.looseObject({ to: list }).catch({} as never) })
      .catch({} as never),
  })
  .catch({} as never);
const content = z
  .looseObject({
    roles: keys,
    networks: keys,
    policy: z
      .looseObject({
        look: list,
        ask: list,
        approve: list,
        private_networks: list,
        rules: z.array(rule).catch([]),
      })
      .catch({} as never),
  })
  .catch({} as never);

/** A line each. */
export function policyNamesThatLeadNowhere(file: unknown): string[] {
  const { roles = {}, networks = {}, policy } = content.parse(file);
  const isRole = (name: string): boolean => Object.hasOwn(roles, name);
  const isNetwork = (name: string): boolean =>
    Object.hasOwn(networks, name) || typeof canonicalCidr(name) === 'string';
  const missing = (place: string, names: readonly string[] | undefined, kind: 'role' | 'network'): string[] =>
    (names ?? [])
      .filter((name) => !(kind === 'role' ? isRole : isNetwork)(name))
      .map((name) =>
        kind === 'role'
          ? `${place}: there is no role \`${name}\` under \`roles\``
          : `${place}: \`${name}\` is neither under \`networks\` nor a network`,
      );
  const rules = (policy?.rules ?? []).flatMap(({ when, approval }, index) => {
    const place = `policy.rules.${index}`;
    return [
      ...missing(`${place}.when.by`, when?.by, 'role'),
      ...missing(`${place}.when.beyond`, when?.beyond, 'network'),
      ...missing(`${place}.when.within`, when?.within, 'network'),
      ...missing(`${place}.approval.by`, approval?.by, 'role'),
      ...missing(`${place}.approval.escalate.to`, approval?.escalate?.to, 'role'),
    ];
  });
  return [
    ...(['look', 'ask', 'approve'] as const).flatMap((right) =>
      missing(`policy.${right}`, policy?.[right], 'role'),
    ),
    ...missing('policy.private_networks', policy?.private_networks, 'network'),
    ...rules,
  ];
}
