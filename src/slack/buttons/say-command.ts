/** Buttons that say a command: an ordinary request of the person who presses, so the policy is asked as for any other. */
import { answerPrivately } from '../answer-privately.ts';
import type { App } from '../bolt.ts';
import type { CommandTools } from '../command-tools.ts';
import { sayPrivately } from '../say-privately.ts';
import { textView } from '../views/answer-view.ts';
import { commandIn, SAY_COMMAND } from '../views/command-button.ts';
import { onButton } from './on-button.ts';

/** Registers them. */
export function registerSayCommand(app: App, tools: CommandTools): void {
  onButton(app, SAY_COMMAND, tools, async ({ action, body }) => {
    const { id: user } = body.user;
    const { response_url: responseUrl } = body;
    const said = commandIn(action.value);
    if (said === undefined) {
      const channel = body.channel?.id ?? user;
      return sayPrivately(user, { channel }, textView('This button is too old. Type the command.'), tools);
    }
    const { says: text, ...place } = said;
    await answerPrivately({ user, text, ...place, ...(responseUrl && { responseUrl }) }, tools);
  });
}
