/** Answers in LXD's words: the envelope of its REST API, ETags and errors, as 5.0.2 writes them. */
import { createHash } from 'node:crypto';

export interface LxdAnswer {
  status: number;
  headers?: Record<string, string>;
  /** Sent as JSON; a text is sent as it is. */
  body: unknown;
}

/** What the pretended LXD refuses; thrown where it is found, answered as an error envelope. */
export class LxdRefused extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = 'LxdRefused';
    this.status = status;
  }
}

/** The envelope of something done at once. */
export function synced(metadata: unknown, etag?: string): LxdAnswer {
  const body = {
    type: 'sync',
    status: 'Success',
    status_code: 200,
    operation: '',
    error_code: 0,
    error: '',
    metadata,
  };
  return { status: 200, body, ...(etag !== undefined && { headers: { Etag: `"${etag}"` } }) };
}

/** The answer to a POST that made something. */
export function created(location: string): LxdAnswer {
  return { ...synced(null), status: 201, headers: { Location: location } };
}

/** The envelope of an operation that has begun. */
export function begun(operation: { id: string }): LxdAnswer {
  const path = `/1.0/operations/${operation.id}`;
  const body = {
    type: 'async',
    status: 'Operation created',
    status_code: 100,
    operation: path,
    error_code: 0,
    error: '',
    metadata: operation,
  };
  return { status: 202, headers: { Location: path }, body };
}

/** The envelope of an error. The real one leaves status_code 0 here, too. */
export function refused(status: number, error: string): LxdAnswer {
  const body = {
    type: 'error',
    status: '',
    status_code: 0,
    operation: '',
    error_code: status,
    error,
    metadata: null,
  };
  return { status, body };
}

export function etagOf(...parts: unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

/** @throws LxdRefused 412 when the caller knows an older version */
export function requireMatch(ifMatch: string | undefined, etag: string): void {
  const seen = ifMatch?.replaceAll('"', '');
  if (seen !== undefined && seen !== '' && seen !== etag)
    throw new LxdRefused(412, `ETag doesn't match: ${etag} vs ${seen}`);
}
