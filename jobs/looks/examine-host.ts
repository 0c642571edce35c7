/** Looks at one host for the doctor: whether it answers, what its LXD can, what time it is there. */
import type { Finding } from '../../src/core/findings/finding.ts';
import { type HostFacts, hostFindings } from '../../src/core/findings/host-findings.ts';
import { messageOf } from '../../src/errors.ts';
import { within } from '../../src/within.ts';
import type { Host } from '../tools.ts';

/**
 * @param patienceMs after which it counts as not answering, whether or not what is asked listens to the signal
 * @param now the worker's clock
 */
export async function examineHost(
  { name, client, identity, guard }: Host,
  signal: AbortSignal,
  patienceMs: number,
  now: () => number = Date.now,
): Promise<Finding[]> {
  const about = { host: name, identity };
  const begun = performance.now();
  try {
    const { environment, api_extensions: extensions } = await within(patienceMs, client.getServer(signal));
    const tookMs = performance.now() - begun;
    const asked = now();
    const there = await within(patienceMs, client.getClock(signal));
    const middle = (asked + now()) / 2;
    const kept = await examineGuard(guard, patienceMs);
    const server = { version: environment.server_version, extensions, tookMs };
    return hostFindings({
      ...about,
      server,
      guard: kept,
      ...(there !== undefined && { offMs: there - middle }),
    });
  } catch (error) {
    return hostFindings({
      ...about,
      server: { error: signal.aborted ? 'no answer in time' : messageOf(error) },
    });
  }
}

async function examineGuard(guard: Host['guard'], patienceMs: number): Promise<HostFacts['guard']> {
  if (guard === undefined) return undefined;
  return within(patienceMs, guard.read()).then(
    ({ doors }) => ({ doors: doors.length }),
    (error) => ({ error: messageOf(error) }),
  );
}
