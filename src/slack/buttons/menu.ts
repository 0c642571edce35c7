/** The buttons of the menu: each says its command, the first opens the form. */
import type { Place } from '../../core/place.ts';
import { answerPrivately } from '../answer-privately.ts';
import type { App } from '../bolt.ts';
import type { CommandTools } from '../command-tools.ts';
import { openForm } from '../form/open-form.ts';
import { EXPOSE_BUTTON, MENU } from '../views/menu-view.ts';
import { onButton } from './on-button.ts';

/** Registers them. */
export function registerMenu(app: App, tools: CommandTools): void {
  for (const [action_id, { says }] of Object.entries(MENU)) {
    onButton(app, action_id, tools, async ({ action, body }) => {
      const { id: user } = body.user;
      const place = placeIn(action.value) ?? { channel: body.channel?.id ?? user };
      if (action_id === EXPOSE_BUTTON) return openForm(body.trigger_id, { user, ...place }, tools);
      const { response_url: responseUrl } = body;
      await answerPrivately({ user, text: says, ...place, ...(responseUrl && { responseUrl }) }, tools);
    });
  }
}

/** The value is our own; an older one may look otherwise. */
function placeIn(value: string | undefined): Place | undefined {
  try {
    const place = JSON.parse(value ?? '') as Partial<Place>;
    return typeof place.channel === 'string' ? (place as Place) : undefined;
  } catch {
    return undefined;
  }
}
