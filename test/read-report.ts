/** Reads vitest's JSON report: what passed, what failed, what was skipped by name. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';

const shape = z.looseObject({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
  numTodoTests: z.number(),
  numFailedTestSuites: z.number(),
  testResults: z.array(
    z.looseObject({
      name: z.string(),
      status: z.string(),
      assertionResults: z.array(
        z.looseObject({ status: z.string(), fullName: z.string(), ancestorTitles: z.array(z.string()) }),
      ),
    }),
  ),
});

export interface Report {
  passed: number;
  failed: number;
  skipped: number;
  /** The outermost suite of every skipped test, once. */
  skippedSuites: string[];
}

/** A file that could not even be loaded counts as one failure: its tests are in no other figure. */
export function readReport(path: string): Report {
  const report = shape.parse(JSON.parse(readFileSync(path, 'utf8')));
  const broken = report.testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
  );
  const skipped = report.testResults.flatMap(({ assertionResults }) =>
    assertionResults.filter(
      ({ status }) => status === 'pending' || status === 'skipped' || status === 'todo',
    ),
  );
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + broken.length,
    skipped: report.numPendingTests + report.numTodoTests,
    skippedSuites: [...new Set(skipped.map(({ ancestorTitles, fullName }) => ancestorTitles[0] ?? fullName))],
  };
}
