/** Looks whether Slack lets the bot do what it has to. Says nothing to anybody but the person who asks. */
import type { Finding } from '../core/findings/finding.ts';
import {
  channelFinding,
  groupsFinding,
  type Membership,
  outboxFinding,
  scopesFinding,
} from '../core/findings/slack-findings.ts';
import type { Place } from '../core/place.ts';
import { groupsOf } from '../core/policy.ts';
import { troubleOf } from './bolt.ts';
import type { CommandTools } from './command-tools.ts';
import { NOT_THERE } from './say-privately.ts';

type Asked = Pick<Place, 'channel'> & { user: string };

/** All checks side by side. Each ends by itself: calls to Slack do within ten seconds. */
export async function examineSlack(asked: Asked, tools: CommandTools): Promise<Finding[]> {
  const groups = groupsOf(tools.policy());
  const { auditChannel } = tools.setup;
  const [granted, here, there, troubles] = await Promise.all([
    scopesOf(tools),
    membershipHere(asked, tools),
    auditChannel === undefined ? undefined : membershipThere(auditChannel, tools),
    troublesWith(groups, tools),
  ]);
  return [
    scopesFinding(granted, groups.length > 0),
    channelFinding('this channel', asked.channel, here),
    ...(auditChannel === undefined || there === undefined
      ? []
      : [channelFinding('the audit’s channel', auditChannel, there)]),
    ...groupsFinding(groups, troubles),
  ];
}

/** Slack says them in a header of every answer (its reference, "OAuth scopes"); emulators may not. */
async function scopesOf({ client }: CommandTools): Promise<string[] | undefined> {
  const { response_metadata: metadata } = await client.auth.test();
  return metadata?.scopes;
}

/** Where Slack does not say it for want of a scope, a word to the person shows it: outside of its channels the bot can say none. */
async function membershipHere({ channel, user }: Asked, tools: CommandTools): Promise<Membership> {
  const told = await membershipOf(channel, tools);
  if (typeof told === 'string' || tools.joined.has(channel))
    return typeof told === 'string' ? told : 'member';
  try {
    const text = 'I am looking; what I see comes in a moment.';
    await tools.client.chat.postEphemeral({ channel, user, text });
    return 'member';
  } catch (error) {
    return byRefusal(error);
  }
}

/** Nothing is said in the audit's channel for a look; what waits for it too long says enough. */
async function membershipThere(channel: string, tools: CommandTools): Promise<Membership> {
  const told = await membershipOf(channel, tools);
  if (typeof told === 'string') return told;
  const oldestMs = await tools.records.outbox.oldestMs(channel);
  return outboxFinding({ waiting: 1, oldestMs }).state === 'ok' ? told : 'stranger';
}

async function membershipOf(channel: string, { client }: CommandTools): Promise<Membership> {
  try {
    const { channel: found } = await client.conversations.info({ channel });
    if (found?.is_im === true) return 'member';
    if (found?.is_member === undefined) return { error: 'it does not say' };
    return found.is_member ? 'member' : 'stranger';
  } catch (error) {
    return byRefusal(error);
  }
}

function byRefusal(error: unknown): Membership {
  const trouble = troubleOf(error);
  if (trouble.kind !== 'refused') return { error: 'it does not answer' };
  return NOT_THERE.has(trouble.error) ? 'stranger' : { error: trouble.error };
}

async function troublesWith(
  groups: readonly string[],
  { client }: CommandTools,
): Promise<Map<string, string>> {
  const all = await Promise.all(
    groups.map(async (group) => {
      const why = await client.usergroups.users.list({ usergroup: group }).then(
        () => undefined,
        (error) => troubleOf(error),
      );
      return [group, why] as const;
    }),
  );
  const wrong = all.flatMap(([group, why]) =>
    why === undefined ? [] : [[group, why.kind === 'refused' ? why.error : 'no answer'] as const],
  );
  return new Map(wrong);
}
