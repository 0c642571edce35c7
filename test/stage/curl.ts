/** Knocks from outside with curl, as a person would: the tests run in the outside namespace. */
import { execFile } from 'node:child_process';

export interface Curled {
  /** curl's exit code: 0 answered, 7 refused, 28 timed out. */
  code: number;
  body: string;
}

/** @param source another of the outside's addresses */
export function curl(url: string, source?: string): Promise<Curled> {
  const args = ['-s', '-m', '2', ...(source === undefined ? [] : ['--interface', source]), url];
  return new Promise((resolve) => {
    execFile('curl', args, (error, stdout) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, body: stdout }),
    );
  });
}
