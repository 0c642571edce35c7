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
