/**
 * The mark of a network card that Drawbridge gave to an instance in place of one of its devices, in the instance's config: which
 * device, what was there before, and for which doors. The last door takes the card along and puts back what was there.
 */
import type { Protocol, RoadName } from '../request.ts';

export const CARD_KEY = 'user.drawbridge.card';

export interface CardDoor {
  door: string;
  protocol: Protocol;
  port: number;
}

export interface Card {
  device: string;
  road: RoadName;
  /** The cloud whose port it is; absent on a LAN. */
  cloud?: string;
  /** The device as the instance had it; absent where there was none, or where a profile gave it. */
  before?: Record<string, string>;
  doors: CardDoor[];
}

/** JSON with its doors in order, so that the same card is always written the same. */
export function cardText(card: Card): string {
  const doors = [...card.doors].sort((a, b) => a.door.localeCompare(b.door));
  return JSON.stringify({ ...card, doors });
}

/** The card in an instance's config; undefined when it has none of ours. */
export function parseCard(text: string | undefined): Card | undefined {
  if (text === undefined) return undefined;
  try {
    const card: unknown = JSON.parse(text);
    return isCard(card) ? card : undefined;
  } catch {
    // Somebody wrote something else there: it is not ours to read.
    return undefined;
  }
}

function isCard(value: unknown): value is Card {
  return (
    typeof value === 'object' &&
    value !== null &&
    'device' in value &&
    typeof value.device === 'string' &&
    'road' in value &&
    'doors' in value &&
    Array.isArray(value.doors)
  );
}
