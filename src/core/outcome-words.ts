/** How a request ended, in one line. */
import type { Outcome } from './record.ts';

export function outcomeInWords(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'done':
      return `done${placeOf(outcome)}: ${outcome.proof.seen}`;
    case 'unproven':
      return `carried out${placeOf(outcome)} but not proven: ${outcome.proof.seen}${hopOf(outcome.proof.broken)}`;
    case 'refused':
      return `refused: ${outcome.message}`;
    case 'denied':
      return 'denied';
    case 'cancelled':
      return `cancelled${undoneIn(outcome)}${leftIn(outcome.left)}`;
    case 'expired':
      return 'nobody decided in time';
    case 'failed':
      return `failed: ${outcome.message}${leftIn(outcome.left)}`;
  }
}

function hopOf(broken: { hop: string; next: string } | undefined): string {
  return broken === undefined ? '' : ` (${broken.hop})`;
}

function undoneIn({ undone = [] }: Extract<Outcome, { kind: 'cancelled' }>): string {
  return undone.length === 0 ? '' : `; taken back: ${undone.join('; ')}`;
}

function leftIn(left: readonly string[] = []): string {
  return left.length === 0 ? '' : `; left over: ${left.join('; ')}`;
}

/** Where a door is that had no address of its own when it was planned. */
function placeOf({ address }: { address?: string }): string {
  return address === undefined ? '' : ` at ${address}`;
}
