/** Commands about one door. */
import type { InstanceName, Protocol, RoadName } from '../names.ts';

export interface ExposeCommand {
  action: 'expose';
  target: InstanceName;
  port: number;
  protocol: Protocol;
  publicAddress?: string;
  publicPort?: number;
  /** CIDRs in canonical form, sorted; `['0.0.0.0/0']` means anyone. */
  sources: string[];
  road?: RoadName;
  /** How long it is open, in seconds, or until when, milliseconds since 1970; neither: until somebody closes it. */
  forSeconds?: number;
  until?: number;
  reason?: string;
}

/** Names a door that is open: by where it leads, and by its public side where that is not enough. */
interface OpenDoorCommand {
  target: InstanceName;
  port: number;
  protocol: Protocol;
  publicAddress?: string;
  publicPort?: number;
  reason?: string;
}

export interface UnexposeCommand extends OpenDoorCommand {
  action: 'unexpose';
  /** The id of the one door that is meant, where Drawbridge asks by itself: another one in its place is not. */
  door?: string;
}

/** Moves the end of a door: by so many seconds, or to a moment, milliseconds since 1970. */
export interface ExtendCommand extends OpenDoorCommand {
  action: 'extend';
  bySeconds?: number;
  until?: number;
}

/** Puts again what of a door is missing or was changed. */
export interface RepairCommand extends OpenDoorCommand {
  action: 'repair';
  /** The id of the one door that is meant, where that is known. */
  door?: string;
}

/** Takes a road as it is into the register: one that was changed by hand, or that the register does not know. */
export interface AdoptCommand extends OpenDoorCommand {
  action: 'adopt';
  door?: string;
}

export type DoorCommand = ExposeCommand | UnexposeCommand | ExtendCommand | RepairCommand | AdoptCommand;
