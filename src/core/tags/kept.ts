/**
 * What of an instance's config and devices must outlive the restoring of a snapshot, which brings back those of then: the marks and
 * devices of doors. Without it doors opened since would lose their pins and proxies, and ones closed since would open again.
 */
import { CARD_KEY, parseCard } from './card.ts';
import { doorOfDevice, MARK } from './door-tag.ts';
import { PIN_KEY, parsePin } from './pin.ts';

export type KeptDevices = Readonly<Record<string, Readonly<Record<string, string>>>>;

export interface Kept {
  /** Config keys of ours. */
  config: Readonly<Record<string, string>>;
  devices: KeptDevices;
}

/** What is ours on an instance: `user.drawbridge…` keys, proxy devices of doors, cards that are pinned or ours. */
export function keptOf({ config, devices }: Kept): Kept {
  const cards = [parsePin(config[PIN_KEY])?.nic, parseCard(config[CARD_KEY])?.device];
  return {
    config: pick(config, isMark),
    devices: pick(devices, (name) => doorOfDevice(name) !== undefined || cards.includes(name)),
  };
}

/** The config and devices of a snapshot, as they were before doors of then were opened, with what is kept in their place. */
export function withKept(restored: Kept, kept: Kept): { config: Kept['config']; devices: KeptDevices } {
  const { config, devices } = withoutDoors(restored);
  return { config: { ...config, ...kept.config }, devices: { ...devices, ...kept.devices } };
}

/** Takes back what pins and cards of then did to the devices, as closing their doors would have. */
function withoutDoors({ config, devices }: Kept): Kept {
  const bare = { ...pick(devices, (name) => doorOfDevice(name) === undefined) };
  const pin = parsePin(config[PIN_KEY]);
  const pinned = pin && bare[pin.nic];
  if (pin !== undefined && pinned !== undefined) {
    const { 'ipv4.address': _address, ...free } = pinned;
    if (pin.inherited) delete bare[pin.nic];
    else bare[pin.nic] = free;
  }
  const card = parseCard(config[CARD_KEY]);
  if (card?.before !== undefined) bare[card.device] = card.before;
  else if (card !== undefined) delete bare[card.device];
  return { config: pick(config, (key) => !isMark(key)), devices: bare };
}

function isMark(key: string): boolean {
  return key === MARK || key.startsWith(`${MARK}.`);
}

function pick<T>(from: Readonly<Record<string, T>>, wanted: (key: string) => boolean): Record<string, T> {
  return Object.fromEntries(
    Object.entries(from)
      .filter(([key]) => wanted(key))
      .sort(([a], [b]) => a.localeCompare(b)),
  );
}
