/** What the doctor makes of how far doors are what the register says. Pure. */
import { type Finding, fail, ok, unknown, warn } from './finding.ts';

/** The last time that everything was compared. */
interface LastPass {
  /** Milliseconds since 1970. */
  at: number;
  tookMs: number;
  doors: number;
  unseen: readonly string[];
}

/** So many passes may be missing before something is wrong. */
const LATE_PASSES = 3;

/**
 * @param differences how many there are now
 * @param everySeconds how often all is compared
 * @param now milliseconds since 1970
 */
export function doorFindings(
  pass: LastPass | undefined,
  differences: number,
  everySeconds: number,
  now: number,
): Finding[] {
  const about = 'Doors';
  if (pass === undefined)
    return [
      unknown(
        about,
        'were not compared with the road yet',
        'Ask again in a minute; else look into the log of the worker.',
      ),
    ];
  const ago = Math.max(0, Math.round((now - pass.at) / 1_000));
  const when = `${pass.doors} compared with the road ${ago} s ago, in ${(pass.tookMs / 1_000).toFixed(1)} s`;
  if (ago > LATE_PASSES * everySeconds + 60)
    return [
      fail(about, `${when}: that is too long ago`, 'Look into the log of the worker: a pass may fail.'),
    ];
  const unseen =
    pass.unseen.length === 0
      ? []
      : [
          unknown(
            about,
            `${pass.unseen.join(', ')} could not be seen`,
            'Nothing is concluded from that; mend what the host’s own lines say.',
          ),
        ];
  if (differences === 0) return [ok(about, `${when}: nothing differs`), ...unseen];
  const next = '`/lxd doors` marks them; their messages have the buttons.';
  return [warn(about, `${when}: ${differences} differ from it`, next), ...unseen];
}
