/** The short menu behind `/lxd` alone, and the button behind `expose` alone where no form can be opened. Pure. */
import { type Place, placeOnly } from '../../core/place.ts';
import type { Block, View } from '../bolt.ts';
import { context, section } from './block-texts.ts';

/** The button that opens the form. */
export const EXPOSE_BUTTON = 'menu_expose';

/** Buttons by their action, each with what stands on it and the command that it says. */
export const MENU: Readonly<Record<string, { label: string; says: string }>> = {
  [EXPOSE_BUTTON]: { label: 'Expose an instance…', says: 'expose' },
  menu_doors: { label: 'Open doors', says: 'doors' },
  menu_requests: { label: 'My requests', says: 'requests mine' },
  menu_list: { label: 'Instances', says: 'list' },
  menu_help: { label: 'Help', says: 'help' },
};

/** @param place where what the buttons say counts as said */
export function menuView(place: Place): View {
  const all = Object.values(MENU)
    .map(({ label }) => label)
    .join(', ');
  return {
    text: `Drawbridge opens doors to LXD instances. Buttons: ${all}. All of it works as typed, too: /lxd help`,
    blocks: [
      section('*Drawbridge* opens doors to LXD instances. What would you like?'),
      buttons(Object.keys(MENU), place),
      context('All of it works as typed, too: `/lxd expose blog 80`, `/lxd help`.'),
    ],
  };
}

/** Slack opens forms for clicks and slash commands only. */
export function formButtonView(place: Place): View {
  const words =
    'Choose instance, port and sources in a form, or type them: `expose blog 80 from 10.0.0.0/8`.';
  return { text: words, blocks: [section(words), buttons([EXPOSE_BUTTON], place)] };
}

function buttons(actions: readonly string[], place: Place): Block {
  return {
    type: 'actions',
    elements: actions.map((action_id) => ({
      type: 'button',
      action_id,
      text: { type: 'plain_text', text: MENU[action_id]?.label ?? action_id },
      value: JSON.stringify(placeOnly(place)),
      ...(action_id === EXPOSE_BUTTON && { style: 'primary' }),
    })),
  };
}
