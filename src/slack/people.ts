/** Who is in which user group. Asked of Slack, kept for five minutes; what cannot be asked counts as not in the group. */
import type { Person } from '../core/policy.ts';
import type { Log } from '../log.ts';
import type { SlackClient } from './bolt.ts';

const KEEP_MS = 5 * 60_000;

export type People = ReturnType<typeof createPeople>;

/** @param groupsNow ids of the user groups that the policy names */
export function createPeople(
  client: Pick<SlackClient, 'usergroups'>,
  groupsNow: () => readonly string[],
  log: Log,
  now: () => number = Date.now,
) {
  const known = new Map<string, { users: readonly string[]; until: number }>();

  async function membersOf(group: string): Promise<readonly string[]> {
    const kept = known.get(group);
    if (kept !== undefined && kept.until > now()) return kept.users;
    try {
      const { users = [] } = await client.usergroups.users.list({ usergroup: group });
      known.set(group, { users, until: now() + KEEP_MS });
      return users;
    } catch (error) {
      log.warn({ err: error, group }, 'reading a user group; its members are refused meanwhile');
      return [];
    }
  }

  return {
    /** The person with the groups of the policy that they are in. */
    async person(user: string): Promise<Person> {
      const groups = groupsNow();
      const members = await Promise.all(groups.map(membersOf));
      return { user, groups: groups.filter((_, index) => members[index]?.includes(user) === true) };
    },
  };
}
