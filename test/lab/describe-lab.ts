import { describe, expect, it } from 'vitest';
import { type Lab, labState } from './lab.ts';

const command =
  'npm run lab && DRAWBRIDGE_LAB=up ip netns exec drawbridge-outside npx vitest run --config test/vitest.config.ts --project lab';

/**
 * A suite that needs the lab. Without it the suite is skipped and says how to run it; in CI, and where the lab was
 * promised, its absence is a failure.
 */
export function describeLab(name: string, suite: (lab: Lab) => void): void {
  const promised = process.env.DRAWBRIDGE_LAB === 'up';
  const lab = promised ? labState() : undefined;
  if (lab !== undefined) {
    describe(name, () => suite(lab));
  } else if (promised || process.env.CI === 'true') {
    describe(name, () => {
      it('has the lab', () => expect.fail(`The lab is missing: ${command}`));
    });
  } else {
    describe.skip(`${name} (needs the lab, as root: ${command})`, () => {
      it('runs in the lab', () => {});
    });
  }
}
