/** The names of what can be different from what the register says of a door. */

export const DIFFERENCE_NAMES = [
  'instance_deleted',
  'moved',
  'stopped',
  'readdressed',
  'rule_removed',
  'rule_edited',
  'foreign_in_the_way',
  'guard_lost',
  'floating_ip_gone',
  'floating_ip_moved',
  'group_off',
  'rule_gone',
  'pair_missing',
  'orphan',
] as const;
export type DifferenceName = (typeof DIFFERENCE_NAMES)[number];
