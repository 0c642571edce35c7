/** The fault that a call ends with. */
import { type Fault, isFault } from '../../src/errors.ts';

/** Throws where the call goes well, or ends with something that is no fault. */
export async function faultOf(work: Promise<unknown>): Promise<Fault> {
  const error = await work.then(
    () => 'it went well',
    (thrown: unknown) => thrown,
  );
  if (!isFault(error)) throw new Error(`no fault: ${String(error)}`);
  return error;
}
