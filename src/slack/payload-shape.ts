/** What Drawbridge relies on in Slack's payloads (Slack, "Interaction payloads", "Slash commands", "Events API"): checked before anything looks at them. */
import { z } from 'zod';

const id = z.string().min(1).max(255);
const text = z.string().max(100_000);
const ref = z.looseObject({ id });
/** Bolt looks workspaces up by their id, and stumbles over one that is called `constructor` (measured on 5.1.0). */
const teamId = z.string().regex(/^[A-Z0-9_]+$/);
const team = z.looseObject({ id: teamId }).nullish();

const command = z.looseObject({
  command: id,
  team_id: teamId.optional(),
  user_id: id,
  channel_id: id,
  text: text.optional(),
  response_url: text.optional(),
  trigger_id: text.optional(),
});

const event = z.looseObject({
  type: z.literal('event_callback'),
  event_id: id,
  team_id: teamId.nullish(),
  event: z.looseObject({
    type: id,
    user: id.optional(),
    channel: id.optional(),
    ts: id.optional(),
    thread_ts: id.optional(),
    text: text.optional(),
    tab: id.optional(),
  }),
});

const person = { user: ref, team, trigger_id: text.optional(), response_url: text.optional() };
const view = z.looseObject({
  id,
  callback_id: z.string(),
  private_metadata: text.optional(),
  state: z.looseObject({ values: z.record(z.string(), z.record(z.string(), z.looseObject({}))) }).optional(),
});
const message = z.looseObject({ ts: id, thread_ts: id.optional() });

const interaction = z.discriminatedUnion('type', [
  z.looseObject({
    type: z.literal('block_actions'),
    ...person,
    channel: ref.optional(),
    message: message.optional(),
    container: z.looseObject({ thread_ts: id.optional() }).optional(),
    view: view.optional(),
    actions: z
      .array(
        z.looseObject({ type: id, action_id: id, block_id: z.string().optional(), value: text.optional() }),
      )
      .min(1),
  }),
  z.looseObject({ type: z.literal('block_suggestion'), ...person, action_id: id, value: text }),
  z.looseObject({ type: z.literal('view_submission'), ...person, view }),
  z.looseObject({ type: z.literal('view_closed'), ...person, view }),
  z.looseObject({ type: z.literal('shortcut'), ...person, callback_id: id }),
  z.looseObject({ type: z.literal('message_action'), ...person, callback_id: id, channel: ref, message }),
]);

/**
 * What is wrong with a payload, with its place; undefined where it is as Slack makes it. `ssl_check` and `url_verification` are not
 * looked at here.
 */
export function misshapen(body: unknown): string | undefined {
  const known = z.looseObject({}).safeParse(body);
  if (!known.success) return 'it is no object';
  const shape = known.data.command !== undefined ? command : 'event' in known.data ? event : interaction;
  const issue = shape.safeParse(body).error?.issues[0];
  return issue && `${issue.path.join('.') || 'it'}: ${issue.message}`;
}
