/** What can go wrong on purpose between a request and its answer. */
import type { ServerResponse } from 'node:http';
import type { Heard, Reply } from './wire.ts';

/** A whole answer; or no end, no bytes, no JSON, no answer at all. */
export type Wrong = Reply | 'hang' | 'empty' | 'garbage' | 'html' | 'drop' | 'half';

export interface Fault {
  /** Which requests it meets; all by default. */
  when?: (heard: Heard) => boolean;
  /** How many of them; one by default. */
  times?: number;
  /** Whether the request has its effect; it has none by default. */
  effect?: boolean;
  /** What is answered; a function may look at the request. */
  answer: Wrong | ((heard: Heard) => Wrong);
}

export const wrong = {
  throttled: (seconds?: number): Reply => ({
    status: 429,
    body: { message: 'Too many requests', code: '429', title: 'Too Many Requests' },
    ...(seconds !== undefined && { headers: { 'Retry-After': String(seconds) } }),
  }),
  badGateway: { status: 502, body: { message: 'Bad gateway' } },
  gatewayTimeout: { status: 504, body: { message: 'The gateway did not receive a timely response' } },
  quota: {
    status: 409,
    body: {
      NeutronError: {
        type: 'OverQuota',
        message: "Quota exceeded for resources: ['floatingip'].",
        detail: '',
      },
    },
  },
  conflict: { status: 409, body: { conflictingRequest: { code: 409, message: 'Somebody else is at it' } } },
  changed: {
    status: 412,
    body: {
      NeutronError: {
        type: 'RevisionNumberConstraintFailed',
        message: 'Constrained to 1, but current revision is 2',
        detail: '',
      },
    },
  },
} as const satisfies Record<string, Reply | ((seconds?: number) => Reply)>;

/** The first fault that meets the request; used up on the way. */
export function meet(faults: Fault[], heard: Heard): Fault | undefined {
  const index = faults.findIndex(({ when }) => when?.(heard) ?? true);
  const fault = faults[index];
  if (fault === undefined) return undefined;
  fault.times = (fault.times ?? 1) - 1;
  if (fault.times <= 0) faults.splice(index, 1);
  return fault;
}

/** Sends what is wrong. */
export function misanswer(response: ServerResponse, answer: Exclude<Wrong, Reply>): void {
  const json = { 'Content-Type': 'application/json' };
  if (answer === 'drop') response.socket?.destroy();
  if (answer === 'empty') response.writeHead(200, json).end();
  if (answer === 'garbage') response.writeHead(200, json).end('{"ports": [\u0000 NaN');
  if (answer === 'html') {
    const page = '<html><head><title>Oops</title></head><body><h1>Service  down</h1></body></html>';
    response.writeHead(404, { 'Content-Type': 'text/html' }).end(page);
  }
  if (answer === 'half') {
    response.writeHead(200, { ...json, 'Content-Length': '400' });
    response.write('{"ports":', () => response.socket?.destroy());
  }
}
