/** Prints the last run's figures as one plain line, for CI. */
import { inOneLine, readReports } from './read-report.ts';

console.log(inOneLine(readReports()));
