/** A button that says a command, as the person who presses it. Pure. */
import { type Place, placeOnly } from '../../core/place.ts';
import { cut } from './block-texts.ts';

/** Which command it is stands in the value. */
export const SAY_COMMAND = 'say_command';

/** @param place where it counts as said */
export function commandButton(label: string, command: string, place: Place) {
  return {
    type: 'button',
    action_id: SAY_COMMAND,
    text: { type: 'plain_text', text: cut(label, 75) },
    value: JSON.stringify({ says: command, ...placeOnly(place) }),
    accessibility_label: cut(`Ask for: ${command}`, 75),
  } as const;
}

/** What a button's value says and where; undefined for one that is not of this form. */
export function commandIn(value: string | undefined): (Place & { says: string }) | undefined {
  try {
    const said: unknown = JSON.parse(value ?? '');
    if (typeof said !== 'object' || said === null || !('says' in said) || !('channel' in said))
      return undefined;
    const { says, channel } = said;
    if (typeof says !== 'string' || typeof channel !== 'string') return undefined;
    return { ...(said as Place), says };
  } catch {
    return undefined;
  }
}
