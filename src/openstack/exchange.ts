/** One request and its answer, whatever its status, with an end to everything. Knows no OpenStack. */
import type { IncomingMessage } from 'node:http';
import { Fault } from '../errors.ts';
import type { Answer, Outgoing } from './answer.ts';
import { connectionFault } from './faults.ts';

/** What pkgcloud's clients have. */
interface Requesting {
  _request(
    options: Outgoing,
    callback: (error: Error | null, body: unknown, response: IncomingMessage) => void,
  ): { abort(): void; on(event: 'data', listener: (chunk: Buffer) => void): unknown };
}

/** Far above any page of a list; a stream that does not end must not fill the memory. */
const MOST_BYTES = 64 * 1024 * 1024;

/**
 * @throws Fault openstack_unreachable, openstack_timeout or openstack_garbled; its message is only the cause
 * @throws the signal's reason when the signal ends it
 */
export function exchange(
  client: Requesting,
  outgoing: Outgoing,
  { timeoutMs, signal }: { timeoutMs: number; signal?: AbortSignal | undefined },
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) return reject(signal.reason);
    const settle = (act: () => void): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', callOff);
      act();
    };
    const end = (reason: unknown): void =>
      settle(() => {
        sent.abort();
        reject(reason);
      });
    const callOff = (): void => end(signal?.reason);
    const late = new Fault('openstack_timeout', `no answer within ${timeoutMs} ms`, { retryable: true });
    const timer = setTimeout(() => end(late), timeoutMs);
    signal?.addEventListener('abort', callOff, { once: true });
    const sent = client._request(outgoing, (error, body, response) =>
      settle(() => {
        if (error !== null) return reject(connectionFault(error));
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body });
      }),
    );
    let bytes = 0;
    sent.on('data', (chunk) => {
      bytes += chunk.length;
      if (bytes > MOST_BYTES) end(new Fault('openstack_garbled', `the answer exceeds ${MOST_BYTES} bytes`));
    });
  });
}
