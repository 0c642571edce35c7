/** Sorts what goes wrong between us and LXD into faults. No I/O. */
import { redact } from '../core/redact.ts';
import { Fault, type FaultCode, messageOf, plainWords } from '../errors.ts';

/** The fault for a connection that could not be made or was cut; the message is only the cause. */
export function connectionFault(error: unknown): Fault {
  const said = messageOf(error);
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return new Fault('lxd_unreachable', WORDS[code] ?? said, { retryable: true, cause: error });
}

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'the connection was cut',
  EPIPE: 'the connection was cut',
  UND_ERR_SOCKET: 'the connection was closed before the answer was complete',
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

/** The fault for an answer with an error status. @param said LXD's own text */
export function answerFault(status: number, said: string): Fault {
  const code = codeOf(status, said);
  const words = said === '' ? `HTTP status ${status}` : onOneLine(said);
  return new Fault(code, words, { retryable: code === 'lxd_failed' });
}

function codeOf(status: number, said: string): FaultCode {
  if (status === 401 || status === 403) return 'lxd_unauthorized';
  if (status === 404) return 'lxd_not_found';
  // 5.0.2 answers 400 or 500 to some duplicates, like that of an ACL's name (measured).
  if (status === 409 || ALREADY.test(said)) return 'lxd_conflict';
  if (status === 412) return 'lxd_changed';
  if (status < 500) return 'lxd_refused';
  return codeOfText(said);
}

/** The fault for an operation that ended badly. LXD gives these no HTTP status, only text. */
export function operationFault(said: string): Fault {
  // LXD looks at the ETag before it starts the operation; one that then met another change of the instance ends like this.
  if (OUTRUN.test(said)) return new Fault('lxd_changed', onOneLine(said), { retryable: true });
  const code = ALREADY.test(said) ? 'lxd_conflict' : codeOfText(said);
  return new Fault(code, onOneLine(said), { retryable: code === 'lxd_failed' });
}

/** Enough for any error of LXD's; it passes on what programs print, over several lines, and a host that lies says what it likes. */
const MOST_SAID = 1_000;

function onOneLine(said: string): string {
  const [words = ''] = redact([plainWords(said.slice(0, MOST_SAID))]);
  return words;
}

/**
 * LXD answers 500 to what its validation refuses (measured on 5.0.2; SmartError in its lxd/response), so only the text tells
 * that trying again is no use. Read from the validation of forwards, ACLs, proxies, NICs and bridges in its source; the capitals
 * count, for the kernel's "cannot allocate memory" may pass.
 */
function codeOfText(said: string): FaultCode {
  return REFUSALS.test(said) && !PASSING.test(said) ? 'lxd_refused' : 'lxd_failed';
}

const OUTRUN = /matching non-reusable operation has now succeeded/i;
const ALREADY = /already exists|exists already/i;
/** `dial tcp` is Go's word for calls of LXD's own that met nobody, like those to a server of images. */
const PASSING =
  /database is locked|\bbusy\b|\bdial tcp\b|context deadline|context canceled|time(d )?out|try again|temporarily/i;
const REFUSALS = new RegExp(
  [
    "\\b(Invalid|Duplicate|Missing|Mismatch|Cannot|Can't|Only|Unsupported|Unknown|Unrecognised|Conflicting)\\b",
    '\\bmust\\b|not within|overlap|(is|are|be) required|Requires|conjunction|reserved',
    'not (an? |supported|allowed|permitted|valid)|may not|can only|no static|is assigned to|Failed parsing',
    "does(n't| not) exist|already (used|defined)|in use|cannot assign requested address",
    "couldn't be found|Image not provided",
    // Ports above 65535: 5.0.2 leaves these to nft (measured).
    'out of range',
  ].join('|'),
);
