/** The buttons under a plan: Approve, Deny, and Deny with a word why. */
import { textView } from './answer-view.ts';
import type { App, BlockAction, ButtonAction, ViewSubmitAction } from './bolt.ts';
import type { CommandTools } from './command-tools.ts';
import { type Click, decideOn } from './decide-on.ts';
import { APPROVE, DENY, DENY_WITH_REASON, planShown } from './decision-buttons.ts';
import { DENY_MODAL, denialIn, denyModal } from './deny-modal.ts';
import { openModal } from './open-modal.ts';
import { sayPrivately } from './say-privately.ts';

/** Registers all three, and the modal of the last. */
export function registerActions(app: App, tools: CommandTools): void {
  for (const [actionId, verdict] of [
    [APPROVE, 'approved'],
    [DENY, 'denied'],
  ] as const) {
    app.action<BlockAction<ButtonAction>>(
      { type: 'block_actions', action_id: actionId },
      async ({ ack, action, body, respond }) => {
        const stop = tools.metrics.ackSeconds.startTimer();
        await ack();
        stop();
        const text = await decideOn({ ...clickOn(action, body), verdict }, tools);
        await respond({ response_type: 'ephemeral', replace_original: false, text, ...threadAround(body) });
      },
    );
  }
  app.action<BlockAction<ButtonAction>>(
    { type: 'block_actions', action_id: DENY_WITH_REASON },
    async ({ ack, action, body }) => {
      await ack();
      const { request, shown, user } = clickOn(action, body);
      const place = { channel: body.channel?.id ?? user, ...threadOf(body) };
      const otherwise =
        'Slack did not open the form in time. Press the button again, or Deny without a reason.';
      const modal = denyModal({ request, ...(shown && { shown }), ...place });
      await openModal({ trigger: body.trigger_id, user, modal, otherwise }, tools);
    },
  );
  app.view<ViewSubmitAction>({ type: 'view_submission', callback_id: DENY_MODAL }, async ({ ack, body }) => {
    const stop = tools.metrics.ackSeconds.startTimer();
    await ack();
    stop();
    const { place, ...denial } = denialIn(body.view);
    const text = await decideOn({ ...denial, user: body.user.id, verdict: 'denied' }, tools);
    await sayPrivately(body.user.id, place, textView(text), tools);
  });
}

function clickOn(action: ButtonAction, { user }: BlockAction): Omit<Click, 'verdict'> {
  return { request: action.value ?? '', shown: planShown(action.block_id), user: user.id };
}

/** The thread in which the message stands; the answer belongs there, too. */
function threadAround(body: BlockAction): { thread_ts?: string } {
  const { thread } = threadOf(body);
  return thread === undefined ? {} : { thread_ts: thread };
}

function threadOf({ message }: BlockAction): { thread?: string } {
  const around: unknown = message?.thread_ts;
  return typeof around === 'string' && around !== message?.ts ? { thread: around } : {};
}
