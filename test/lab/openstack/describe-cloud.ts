/** The frame of every suite that needs the cloud. */
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type CloudLab, cloudState } from './cloud-lab.ts';
import { assertBridge } from './external-bridge.ts';

const command = 'npm run cloud && npx vitest run --config test/vitest.config.ts --project cloud';

/**
 * A suite that needs the cloud. Without it the suite is skipped and says how to run it; in CI its absence is a failure.
 * Nothing is sent unless the external bridge is there.
 */
export function describeCloud(name: string, suite: (cloud: CloudLab) => void): void {
  const cloud = cloudState();
  if (cloud !== undefined) {
    describe(name, () => {
      beforeAll(assertBridge);
      beforeEach(assertBridge); // somebody may take the cloud down meanwhile
      suite(cloud);
    });
  } else if (process.env.CI === 'true') {
    describe(name, () => {
      it('has the cloud', () => expect.fail(`The cloud is missing: ${command}`));
    });
  } else {
    describe.skip(`${name} (needs the cloud, as root on Debian 12: ${command})`, () => {
      it('runs in the cloud', () => {});
    });
  }
}
