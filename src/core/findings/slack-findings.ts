/** Whether Slack lets the bot do what it has to. Pure. */
import { harmless } from '../commands/chat-text.ts';
import { type Finding, fail, ok, unknown, warn } from './finding.ts';

/** The bot's scopes in docs/slack-app-manifest.yaml, and what does not work without each. */
export const SCOPES: Readonly<Record<string, string>> = {
  commands: '`/lxd` and the shortcuts',
  'app_mentions:read': '`@drawbridge` in channels and threads',
  'chat:write': 'every message',
  'files:write': '`/lxd audit as csv`',
  'im:write': '`/lxd audit as csv`',
  'usergroups:read': 'roles by user group',
};

/** @param granted undefined: Slack did not say. @param withGroups the policy names user groups */
export function scopesFinding(granted: readonly string[] | undefined, withGroups: boolean): Finding {
  const about = 'Slack: scopes';
  if (granted === undefined)
    return unknown(
      about,
      'Slack does not say which there are',
      'Compare them with docs/slack-app-manifest.yaml.',
    );
  const needed = Object.keys(SCOPES).filter((scope) => withGroups || scope !== 'usergroups:read');
  const missing = needed.filter((scope) => !granted.includes(scope));
  if (missing.length === 0) return ok(about, `all ${needed.length} are there`);
  const lost = [...new Set(missing.map((scope) => SCOPES[scope]))].join(', ');
  const next =
    'Add them under “OAuth & Permissions” of the Slack app, then install it to the workspace again.';
  return fail(
    about,
    `missing: ${missing.map((scope) => `\`${scope}\``).join(', ')}; without them no ${lost}`,
    next,
  );
}

/** What is known of the bot in a channel. */
export type Membership = 'member' | 'stranger' | { error: string };

/** @param which `this channel`, or the one that the audit is mirrored to */
export function channelFinding(which: string, channel: string, membership: Membership): Finding {
  const about = `Slack: ${which}`;
  if (membership === 'member') return ok(about, `the bot is a member of <#${channel}>`);
  const next = 'Type `/invite @drawbridge` there.';
  if (membership === 'stranger')
    return fail(
      about,
      `the bot is not in <#${channel}>: nobody there sees a request or can decide on it`,
      next,
    );
  const why = `Slack does not say whether the bot is in <#${channel}> (${membership.error})`;
  return unknown(about, why, `Where nothing of it is to be seen there: ${next}`);
}

/** @param troubles why each group could not be read, by its id */
export function groupsFinding(groups: readonly string[], troubles: ReadonlyMap<string, string>): Finding[] {
  const about = 'Slack: user groups';
  if (groups.length === 0) return [];
  if (troubles.size === 0) return [ok(about, `all ${groups.length} of the policy can be read`)];
  const words = [...troubles].map(([group, why]) => `<!subteam^${group}> (\`${group}\`: ${why})`).join(', ');
  const next =
    'Correct the ids under `roles:`, or give the app `usergroups:read`: nobody has a right by these groups.';
  return [fail(about, `cannot be read: ${words}`, next)];
}

/** @param problems of the file as it is now; undefined where it was taken */
export function policyFinding(problems: readonly string[] | undefined): Finding {
  const about = 'Policy';
  if (problems === undefined) return ok(about, 'the file as it is now holds');
  const next = 'Mend the file; it is read again within a second.';
  return fail(
    about,
    `the file does not fit, so the policy before it holds: ${problems
      .slice(0, 3)
      .map((line) => harmless(line))
      .join('; ')}`,
    next,
  );
}

/** What waits, and for how long the oldest has. */
export interface Backlog {
  waiting: number;
  oldestMs: number;
}

/** What waits so long does not only wait for its turn. */
const STUCK_MS = 60_000;

export function outboxFinding({ waiting, oldestMs }: Backlog): Finding {
  const about = 'Messages to Slack';
  const seconds = Math.round(oldestMs / 1_000);
  if (oldestMs < STUCK_MS) return ok(about, waiting === 0 ? 'none waits' : `${waiting} wait for their turn`);
  const next = 'The log of the bot says what Slack refuses; most often it is in a channel without the bot.';
  return warn(about, `${waiting} wait, the oldest for ${seconds} s`, next);
}

/** More jobs than this do not go by in a moment. */
const MANY = 100;

/** @param depths jobs that no worker has taken yet, by queue */
export function queuesFinding(depths: Readonly<Record<string, number>>): Finding {
  const about = 'Queues';
  const all = Object.values(depths).reduce((sum, count) => sum + count, 0);
  const words = Object.entries(depths)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${name} ${count}`);
  if (all <= MANY)
    return ok(about, words.length === 0 ? 'nothing waits for a worker' : `waiting: ${words.join(', ')}`);
  return warn(
    about,
    `many wait: ${words.join(', ')}`,
    'Start more workers, or look whether one runs at all.',
  );
}
