import { execFile } from 'node:child_process';

export interface CommandOptions {
  env?: NodeJS.ProcessEnv;
  input?: string;
}

/** Runs a program to its end and returns what it printed; a failure carries the whole command and its stderr. */
export function runCommand(argv: readonly string[], options: CommandOptions = {}): Promise<string> {
  const [program = '', ...args] = argv;
  return new Promise((resolve, reject) => {
    const child = execFile(
      program,
      args,
      { env: { ...process.env, ...options.env }, maxBuffer: 64 << 20 },
      (error, stdout, stderr) => {
        if (error === null) resolve(stdout);
        else reject(new Error(`${argv.join(' ')}: ${(stderr || stdout || error.message).trim()}`));
      },
    );
    // A program that ends before it read its input closes the pipe: its exit code tells what happened.
    child.stdin?.on('error', () => {});
    child.stdin?.end(options.input ?? '');
  });
}

/** Whether the program ended well. */
export function succeeds(argv: readonly string[], options: CommandOptions = {}): Promise<boolean> {
  return runCommand(argv, options).then(
    () => true,
    () => false,
  );
}
