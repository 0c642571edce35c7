/** The Home of each person: opened, paged, and a door closed from it. */
import { messageOf } from '../errors.ts';
import type { App, BlockAction, ButtonAction } from './bolt.ts';
import { closeDoor } from './close-door.ts';
import type { CommandTools } from './command-tools.ts';
import { CLOSE_DOOR, NEWER, OLDER } from './home-doors.ts';
import { publishHome } from './publish-home.ts';
import { sayInModal } from './say-in-modal.ts';

/** Registers the event and the buttons of Homes. */
export function registerHome(app: App, tools: CommandTools): void {
  app.event('app_home_opened', async ({ event }) => {
    if (event.tab === 'home') await show(event.user, 0, tools);
  });
  for (const action_id of [NEWER, OLDER]) {
    app.action<BlockAction<ButtonAction>>(
      { type: 'block_actions', action_id },
      async ({ ack, action, body }) => {
        await ack();
        const page = Number(action.value);
        await show(body.user.id, Number.isSafeInteger(page) && page > 0 ? page : 0, tools);
      },
    );
  }
  app.action<BlockAction<ButtonAction>>(
    { type: 'block_actions', action_id: CLOSE_DOOR },
    async ({ ack, action, body }) => {
      const stop = tools.metrics.ackSeconds.startTimer();
      await ack();
      stop();
      const { user, trigger_id } = body;
      await sayInModal(user.id, trigger_id, () => closeDoor(action.value ?? '', user.id, tools), tools);
    },
  );
}

/** What cannot be shown now waits in the outbox. */
async function show(user: string, page: number, tools: CommandTools): Promise<void> {
  try {
    await tools.records.homes.open(user, page);
    await publishHome(user, tools, true);
  } catch (error) {
    tools.log.warn({ err: messageOf(error), user }, 'showing a Home');
    await tools.records.homes.changed().catch(() => undefined);
  }
}
