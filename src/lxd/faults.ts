/** Sorts what went wrong into faults. LXD's words are kept; what was being done stands before them. */
import { Fault, type FaultCode } from '../errors.ts';

/**
 * Texts with which LXD refuses what it was asked, under status 500 all the same (measured on 5.0.2); anything else under 500 is
 * taken for a breakdown that may pass.
 */
const REFUSALS = [
  /invalid/i,
  /duplicate/i,
  /missing/i,
  /mismatch/i,
  /not within/i,
  /overlaps/i,
  /cannot /i,
  /must be/i,
  /already (defined|in use|exists)/i,
  /is assigned to/i,
  /not allowed|not permitted|permission denied/i,
  /not supported/i,
  /in use/i,
  /Failed to listen/i,
];

/** The fault for an error answer of LXD. */
export function faultOfStatus(doing: string, status: number, said: string): Fault {
  const code = codeOf(status, said);
  return new Fault(code, `${doing}: ${said || `LXD answered ${status}`}`, {
    retryable: code === 'lxd_failed',
  });
}

function codeOf(status: number, said: string): FaultCode {
  if (status === 404) return 'lxd_not_found';
  if (status === 409 || /already exists/i.test(said)) return 'lxd_conflict';
  if (status === 412) return 'lxd_changed';
  if (status === 401 || status === 403) return 'lxd_unauthorized';
  if (status >= 400 && status < 500) return 'lxd_refused';
  return REFUSALS.some((pattern) => pattern.test(said)) ? 'lxd_refused' : 'lxd_failed';
}

/** The fault for a connection that could not be made, broke or fell silent; one that is a fault already keeps its code. */
export function faultOfConnection(doing: string, error: unknown): Fault {
  const inner = faultWithin(error);
  if (inner !== undefined)
    return new Fault(inner.code, `${doing}: ${inner.message}`, { retryable: inner.retryable, cause: error });
  const { name, code, message } = error as { name?: string; code?: string; message?: string };
  if (name === 'TimeoutError' || code?.includes('TIMEOUT') === true) {
    return new Fault('lxd_timeout', `${doing}: no answer in time`, { retryable: true, cause: error });
  }
  return new Fault('lxd_unreachable', `${doing}: ${plain(code, message)}`, { retryable: true, cause: error });
}

function faultWithin(error: unknown): Fault | undefined {
  for (let each = error; each instanceof Error; each = each.cause) if (each instanceof Fault) return each;
  return undefined;
}

function plain(code: string | undefined, message: string | undefined): string {
  const words: Record<string, string> = {
    ECONNREFUSED: 'connection refused',
    ENOENT: 'there is no socket',
    EACCES: 'no permission to open the socket',
    ECONNRESET: 'the connection was cut',
    UND_ERR_SOCKET: 'the connection was cut',
    EHOSTUNREACH: 'the host cannot be reached',
    ENETUNREACH: 'the network cannot be reached',
    ENOTFOUND: 'the name is not known',
  };
  return words[code ?? ''] ?? message ?? code ?? 'the connection failed';
}
