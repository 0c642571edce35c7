/** Reads vitest's JSON reports: what passed, what failed, what was skipped by name, all runs together. */
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const FOLDER = 'test-results';

/** Where the run of vitest for some projects leaves its report. */
export function reportOf(projects: readonly string[]): string {
  return join(FOLDER, `vitest-${projects.join('-')}.json`);
}

function reports(): string[] {
  const names = existsSync(FOLDER) ? readdirSync(FOLDER) : [];
  return names.filter((name) => /^vitest-.*\.json$/.test(name)).map((name) => join(FOLDER, name));
}

const shape = z.looseObject({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
  numTodoTests: z.number(),
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

/** So that no run is told by the report of an earlier one. */
export function forgetReports(): void {
  for (const path of reports()) rmSync(path);
}

/** Of the last `npm test`. */
export function readReports(): Report {
  const all = reports().map(readReport);
  const sum = (of: (report: Report) => number): number => all.reduce((total, each) => total + of(each), 0);
  return {
    passed: sum(({ passed }) => passed),
    failed: sum(({ failed }) => failed),
    skipped: sum(({ skipped }) => skipped),
    skippedSuites: all.flatMap(({ skippedSuites }) => skippedSuites),
  };
}

export function inOneLine({ passed, failed, skipped }: Report): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

/** A file that could not even be loaded counts as one failure: its tests are in no other figure. */
function readReport(path: string): Report {
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
