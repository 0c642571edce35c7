/** `npm run guard -- install <user>`: prints the script that gives a host its guard. Connects to nothing. */
import { GUARD_COMMAND, guardInstaller } from './core/guard-program.ts';
import { isMain } from './run-process.ts';

const USAGE = `Usage:
  npm run -s guard -- install <user> | ssh root@web1 sh    gives web1 a guard for the user that Drawbridge logs in as there
`;

/** @returns what goes to the standard output and to the standard error, and the exit code */
export function runGuardCommand(words: readonly string[]): { said: string; errors: string; code: number } {
  const [order, user = '', ...more] = words;
  if (order !== 'install' || !/^[a-z_][a-z0-9_-]{0,31}$/.test(user) || more.length > 0)
    return { said: '', errors: USAGE, code: 2 };
  const next = `In ~${user}/.ssh/authorized_keys there the key needs command="${GUARD_COMMAND}", and the user a shell; then set \`guard: true\` for the host.\n`;
  return { said: guardInstaller(user), errors: next, code: 0 };
}

if (isMain(import.meta.url)) {
  const { said, errors, code } = runGuardCommand(process.argv.slice(2));
  process.stdout.write(said);
  process.stderr.write(errors);
  process.exitCode = code;
}
