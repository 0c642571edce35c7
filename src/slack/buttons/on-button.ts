/** Buttons: acked at once, with how long that took, and then whatever they are for. */
import type { App, BlockAction, ButtonAction, RespondFn } from '../bolt.ts';
import type { CommandTools } from '../command-tools.ts';

export interface Press {
  action: ButtonAction;
  body: BlockAction<ButtonAction>;
  /** Answers in the place of the button. */
  respond: RespondFn;
}

/** Slack wants its answer within three seconds, so the deed begins after it. */
export function onButton(
  app: App,
  action_id: string,
  { metrics }: Pick<CommandTools, 'metrics'>,
  deed: (press: Press) => Promise<unknown>,
): void {
  app.action<BlockAction<ButtonAction>>(
    { type: 'block_actions', action_id },
    async ({ ack, action, body, respond }) => {
      const stop = metrics.ackSeconds.startTimer();
      await ack();
      stop();
      await deed({ action, body, respond });
    },
  );
}
