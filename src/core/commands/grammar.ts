/** Which clauses and flags each command takes, and how many of its first words are names, whatever they look like. */
import type { ActionName, ChangeCommand } from '../request.ts';

export const CLAUSES = [
  'as',
  'from',
  'via',
  'for',
  'until',
  'by',
  'on',
  'at',
  'user',
  'flavor',
  'image',
  'network',
  'key',
  'zone',
  'profile',
  'expose',
  'since',
  'before',
  'because',
] as const;
export type Clause = (typeof CLAUSES)[number];

export interface Grammar {
  /** Words behind the command that are never taken for a clause: an instance may be called `image` or `on`. */
  lead: number;
  clauses: readonly Clause[];
  /** Words without a value: `off` is `--off` as well, `with instances` is `--with-instances`. */
  flags: readonly string[];
}

const LOOK: Grammar = { lead: 0, clauses: [], flags: [] };
const ONE_NAME: Grammar = { lead: 1, clauses: ['because'], flags: [] };

export const GRAMMARS: Readonly<Record<ActionName, Grammar>> = {
  expose: { lead: 1, clauses: ['as', 'from', 'via', 'for', 'until', 'because'], flags: [] },
  unexpose: { lead: 1, clauses: ['as', 'because'], flags: [] },
  extend: { lead: 1, clauses: ['as', 'by', 'until', 'because'], flags: [] },
  repair: { lead: 1, clauses: ['as', 'because'], flags: [] },
  adopt: { lead: 1, clauses: ['as', 'because'], flags: [] },
  launch: { lead: 2, clauses: ['on', 'profile', 'expose', 'for', 'because'], flags: [] },
  start: ONE_NAME,
  stop: ONE_NAME,
  restart: ONE_NAME,
  delete: ONE_NAME,
  snapshot: ONE_NAME,
  restore: ONE_NAME,
  'host create': {
    lead: 1,
    clauses: ['on', 'flavor', 'image', 'network', 'key', 'zone', 'because'],
    flags: [],
  },
  'host adopt': { lead: 1, clauses: ['on', 'at', 'user', 'because'], flags: [] },
  'host drain': { lead: 1, clauses: ['because'], flags: ['off'] },
  'host delete': { lead: 1, clauses: ['because'], flags: ['with instances'] },
  panic: { lead: 0, clauses: ['because'], flags: ['off'] },
  why: { lead: 1, clauses: ['as', 'from'], flags: [] },
  plan: LOOK,
  policy: LOOK,
  doors: LOOK,
  list: LOOK,
  info: LOOK,
  logs: LOOK,
  hosts: LOOK,
  doctor: LOOK,
  requests: LOOK,
  audit: { lead: 0, clauses: ['since', 'before', 'as'], flags: [] },
  cancel: LOOK,
  help: LOOK,
};

/** One of each clause, for people to copy. */
export const CLAUSE_EXAMPLES: Readonly<Record<Clause, string>> = {
  as: 'as 8080',
  from: 'from 10.0.0.0/8',
  via: 'via proxy',
  for: 'for 2h',
  until: 'until 18:00',
  by: 'by 2h',
  on: 'on web1',
  at: 'at 198.51.100.7',
  user: 'user debian',
  flavor: 'flavor m1.small',
  image: 'image debian-12',
  network: 'network private',
  key: 'key alice',
  zone: 'zone nova',
  profile: 'profile default,small',
  expose: 'expose 80',
  since: 'since 2h',
  before: 'before 1200',
  because: 'because the customer looks at it today',
};

/** True for commands that change something: all of them take a reason. */
export function isChange(action: ActionName): action is ChangeCommand['action'] {
  return GRAMMARS[action].clauses.includes('because');
}
