/** Prints the last run's figures as one plain line, for CI. */
import { readReport } from './read-report.ts';

const { passed, failed, skipped } = readReport('test-results/vitest.json');
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
