/** The buttons under a plan: Approve, Deny, Deny with a word why, and Cancel. */

import type { App, BlockAction, ButtonAction, ViewSubmitAction } from '../bolt.ts';
import type { CommandTools } from '../command-tools.ts';
import { openModal } from '../open-modal.ts';
import { REDIS_AWAY, redisAwayOr } from '../redis-away.ts';
import { sayPrivately } from '../say-privately.ts';
import { textView } from '../views/answer-view.ts';
import { CANCEL } from '../views/cancel-button.ts';
import { APPROVE, DENY, DENY_WITH_REASON, planShown } from '../views/decision-buttons.ts';
import { DENY_MODAL, denialIn, denyModal } from '../views/deny-modal.ts';
import { cancelRequest } from './cancel-request.ts';
import { type Click, decideOn } from './decide-on.ts';
import { onButton } from './on-button.ts';

/** Registers all four, and the modal of the third. */
export function registerActions(app: App, tools: CommandTools): void {
  for (const [actionId, verdict] of [
    [APPROVE, 'approved'],
    [DENY, 'denied'],
  ] as const) {
    onButton(app, actionId, tools, async ({ action, body, respond }) => {
      const text = await decideOn({ ...clickOn(action, body), verdict }, tools);
      await respond({ response_type: 'ephemeral', replace_original: false, text, ...threadAround(body) });
    });
  }
  onButton(app, DENY_WITH_REASON, tools, async ({ action, body }) => {
    const { request, shown, user } = clickOn(action, body);
    const place = { channel: body.channel?.id ?? user, ...threadOf(body) };
    const otherwise =
      'Slack did not open the form in time. Press the button again, or Deny without a reason.';
    const modal = denyModal({ request, ...(shown && { shown }), ...place });
    await openModal({ trigger: body.trigger_id, user, modal, otherwise }, tools);
  });
  onButton(app, CANCEL, tools, async ({ action, body, respond }) => {
    const { request, user } = clickOn(action, body);
    const text = await cancelOn(request, user, tools);
    await respond({ response_type: 'ephemeral', replace_original: false, text, ...threadAround(body) });
  });
  app.view<ViewSubmitAction>({ type: 'view_submission', callback_id: DENY_MODAL }, async ({ ack, body }) => {
    const stop = tools.metrics.ackSeconds.startTimer();
    await ack();
    stop();
    const { place, ...denial } = denialIn(body.view);
    const text = await decideOn({ ...denial, user: body.user.id, verdict: 'denied' }, tools);
    await sayPrivately(body.user.id, place, textView(text), tools);
  });
}

/** Every click gets an answer, whatever happens. */
async function cancelOn(request: string, user: string, tools: CommandTools): Promise<string> {
  try {
    if (!(await tools.records.answers())) return REDIS_AWAY;
    await tools.records.audit.add({ kind: 'clicked', request, user, what: 'Cancel' });
    return (await cancelRequest(request, user, tools)).text;
  } catch (error) {
    tools.log.error({ err: error, request, user }, 'cancelling');
    return redisAwayOr(error, 'Look at the message, or press Cancel again.');
  }
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
