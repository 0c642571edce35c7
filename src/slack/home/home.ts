/** The Home of each person: opened and paged. */
import { messageOf } from '../../errors.ts';
import type { App } from '../bolt.ts';
import { onButton } from '../buttons/on-button.ts';
import type { CommandTools } from '../command-tools.ts';
import { NEWER, OLDER } from './home-doors.ts';
import { publishHome } from './publish-home.ts';

/** Registers the event, and the buttons that lead to other pages. */
export function registerHome(app: App, tools: CommandTools): void {
  app.event('app_home_opened', async ({ event }) => {
    if (event.tab === 'home') await show(event.user, 0, tools);
  });
  for (const action_id of [NEWER, OLDER]) {
    onButton(app, action_id, tools, async ({ action, body }) => {
      const page = Number(action.value);
      await show(body.user.id, Number.isSafeInteger(page) && page > 0 ? page : 0, tools);
    });
  }
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
