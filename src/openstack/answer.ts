/** What goes out to a service and the answer to it, as HTTP has them. */

export interface Outgoing {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** With its query, every part encoded. */
  uri: string;
  headers?: Record<string, string>;
  /** Goes out as JSON. */
  body?: object;
}

export interface Answer {
  status: number;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Parsed JSON; the text where it is not JSON; undefined where there is none. */
  body: unknown;
}

/** Milliseconds that Retry-After asks for: seconds, or a date (RFC 9110, 10.2.3). */
export function askedPause({ headers }: Answer): number | undefined {
  const value = headers['retry-after'];
  if (typeof value !== 'string') return undefined;
  if (/^\d+$/.test(value.trim())) return Number(value) * 1000;
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : Math.max(0, at - Date.now());
}
