/** The fault that a piece of work ends with. */
import { type Fault, isFault } from '../../src/errors.ts';

export async function faultOf(work: Promise<unknown>): Promise<Fault> {
  const thrown = await work.then(
    () => new Error('nothing went wrong'),
    (error: unknown) => error,
  );
  if (isFault(thrown)) return thrown;
  throw thrown;
}
