/** Moves the end of a door in the register, and back. */
import type { ThingOf } from '../../src/core/thing.ts';
import { Fault } from '../../src/errors.ts';
import type { StepTools } from '../thing-tools.ts';

/** @throws Fault door_gone where the door is closed, or has another end than the plan knew */
export async function putEnd({ door, was, until }: ThingOf<'end'>, { records }: StepTools): Promise<void> {
  const moved = await records.doors.moveEnd(door, was, until);
  if (moved === 'gone') throw new Fault('door_gone', `${door} was closed meanwhile`);
  if (moved === 'elsewhere') throw new Fault('door_gone', `the end of ${door} was moved meanwhile`);
}

export async function removeEnd({ door, was, until }: ThingOf<'end'>, { records }: StepTools): Promise<void> {
  await records.doors.moveEnd(door, until, was);
}
