/** The buttons about one door: Close, Extend and Keep, on Homes, in warnings and in digests, and what mends one that differs. */

import type { App, View } from '../bolt.ts';
import type { CommandTools } from '../command-tools.ts';
import { APPROVE_REMOVALS, MEND_DOOR } from '../views/difference-view.ts';
import { CLOSE_DOOR, EXTEND_DOOR, KEEP_DOOR } from '../views/door-buttons.ts';
import { approveRemovals } from './approve-removals.ts';
import { closeDoor } from './close-door.ts';
import { extendDoor } from './extend-door.ts';
import { keepDoor } from './keep-door.ts';
import { mendDoor } from './mend-door.ts';
import { onButton } from './on-button.ts';
import { sayInModal } from './say-in-modal.ts';

type Deed = (value: string, user: string, tools: CommandTools) => Promise<View>;

/** Registers all of them. */
export function registerDoorActions(app: App, tools: CommandTools): void {
  const deeds: [string, Deed][] = [
    [CLOSE_DOOR, closeDoor],
    [EXTEND_DOOR, extendDoor],
    [KEEP_DOOR, keepDoor],
    [MEND_DOOR.repair, mendDoor('repair')],
    [MEND_DOOR.adopt, mendDoor('adopt')],
    [MEND_DOOR.close, mendDoor('close')],
    [APPROVE_REMOVALS, approveRemovals],
  ];
  for (const [action_id, deed] of deeds) {
    onButton(app, action_id, tools, async ({ action, body }) => {
      const { user, trigger_id } = body;
      await sayInModal(user.id, trigger_id, () => deed(action.value ?? '', user.id, tools), tools);
    });
  }
}
