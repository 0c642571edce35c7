/** Sorts what goes wrong between us and a cloud into faults. No I/O. */
import { Fault, type FaultCode, messageOf } from '../errors.ts';
import { type Answer, askedPause } from './answer.ts';

/** The fault for a connection that could not be made or was cut; the message is only the cause. */
export function connectionFault(error: unknown): Fault {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (CERTIFICATE.test(code)) {
    const words = `its certificate cannot be trusted (${messageOf(error)}): name the file of its CA, \`cacert\` in clouds.yaml or OS_CACERT`;
    return new Fault('openstack_unreachable', words, { cause: error });
  }
  return new Fault('openstack_unreachable', WORDS[code] ?? messageOf(error), {
    retryable: true,
    cause: error,
  });
}

const CERTIFICATE = /CERT|VERIFY|ISSUER|SIGNATURE/;
const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'the connection was cut',
  EPIPE: 'the connection was cut',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'no route to the network',
  ETIMEDOUT: 'the host does not answer',
  ENOTFOUND: 'no such host name',
  EAI_AGAIN: 'the name service does not answer',
};

/** The same fault with what was being done in front of its cause. */
export function whileDoing(doing: string, fault: Fault): Fault {
  return new Fault(fault.code, `${doing}: ${fault.message}`, {
    retryable: fault.retryable,
    cause: fault.cause,
  });
}

/** The fault for an answer with an error status: the service's own words and the request's id, by which its operators find it. */
export function answerFault(answer: Answer): Fault {
  const { status } = answer;
  const { type, text, foreign } = saidBy(answer.body);
  const code = codeOf(status, `${type} ${text}`, foreign);
  const words = text === '' ? `HTTP status ${status} without a word` : text;
  const wait = askedPause(answer);
  const asks = wait === undefined ? undefined : `asks to wait ${Math.ceil(wait / 1000)} s`;
  const notes = [requestIdOf(answer), asks].filter((each) => each !== undefined).join(', ');
  return new Fault(code, notes === '' ? words : `${words} (${notes})`, { retryable: mayPass(code, status) });
}

/** @param foreign the answer is not in the form of OpenStack's services */
function codeOf(status: number, said: string, foreign: boolean): FaultCode {
  // A proxy's page says nothing about the object: to take it for "not there" would be to believe that a door is closed.
  if (status < 400 || (status === 404 && foreign)) return 'openstack_garbled';
  if ([403, 409, 413].includes(status) && QUOTA.test(said)) return 'openstack_quota';
  if (status === 413) return 'openstack_throttled';
  return BY_STATUS[status] ?? (status < 500 ? 'openstack_refused' : 'openstack_failed');
}

/** Neutron: OverQuota, "Quota exceeded for resources: …"; Nova: "Quota exceeded for cores: …", "Maximum number of … exceeded". */
const QUOTA = /quota|limit exceeded|exceeds? (the )?(maximum|limit)|maximum number of/i;
const BY_STATUS: Readonly<Record<number, FaultCode>> = {
  401: 'openstack_unauthorized',
  403: 'openstack_forbidden',
  404: 'openstack_not_found',
  409: 'openstack_conflict',
  412: 'openstack_changed',
  429: 'openstack_throttled',
};

function mayPass(code: FaultCode, status: number): boolean {
  if (code === 'openstack_failed') return status !== 501;
  return code === 'openstack_throttled' || code === 'openstack_garbled';
}

const LONGEST = 400;

/**
 * The text of an error. Neutron: `{NeutronError: {type, message, detail}}`; Nova: `{conflictingRequest: {code, message}}`; Keystone:
 * `{error: {code, message, title}}`; Glance and the frames of all: `{message, code, title}`, its text with tags of HTML.
 */
function saidBy(body: unknown): { type: string; text: string; foreign: boolean } {
  if (typeof body === 'string') return { type: '', text: plain(body), foreign: true };
  if (!isRecord(body)) return { type: '', text: '', foreign: true };
  const inner = Object.values(body).find((value) => isRecord(value) && textIn(value, 'message') !== '');
  const error = isRecord(inner) ? inner : body;
  const said = textIn(error, 'message') || textIn(error, 'NeutronError') || textIn(error, 'title');
  return { type: textIn(error, 'type'), text: plain(said), foreign: said === '' };
}

/** On one line, without tags, cut short. */
function plain(text: string): string {
  const bare = text
    .replace(/<(style|script|title)\b[\s\S]*?<\/\1>/gi, ' ')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return bare.length > LONGEST ? `${bare.slice(0, LONGEST)}…` : bare;
}

function requestIdOf({ headers }: Answer): string | undefined {
  const id = headers['x-openstack-request-id'] ?? headers['x-compute-request-id'];
  return typeof id === 'string' && /^[\w-]{1,80}$/.test(id) ? id : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textIn(record: Record<string, unknown>, key: string): string {
  const value = record[key];
  return typeof value === 'string' ? value : '';
}
