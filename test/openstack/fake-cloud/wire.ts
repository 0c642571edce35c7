/** Requests, replies and refusals of the fake cloud, and how to read what was sent. */

export type Service = 'identity' | 'compute' | 'image' | 'network';

export interface Heard {
  service: Service;
  method: string;
  /** Behind the version: `/ports/3f1…`. */
  path: string;
  query: URLSearchParams;
  headers: Readonly<Record<string, string>>;
  body: unknown;
}

export interface Reply {
  status: number;
  body?: object;
  headers?: Record<string, string>;
}

export type Handler = (heard: Heard, ...ids: string[]) => Reply | Promise<Reply>;
/** Method, path with `*` for a segment, what answers. */
export type Route = readonly [method: string, path: string, handler: Handler];

export class Refused extends Error {
  readonly reply: Reply;

  constructor(reply: Reply) {
    super(JSON.stringify(reply));
    this.reply = reply;
  }
}

export function neutronError(status: number, type: string, message: string): Refused {
  return new Refused({ status, body: { NeutronError: { type, message, detail: '' } } });
}

const NOVA: Readonly<Record<number, string>> = {
  400: 'badRequest',
  403: 'forbidden',
  404: 'itemNotFound',
  409: 'conflictingRequest',
};

export function novaError(status: number, message: string): Refused {
  return new Refused({ status, body: { [NOVA[status] ?? 'computeFault']: { code: status, message } } });
}

export type Fields = Record<string, unknown>;

/** The thing under its name in a body: `{port: {…}}`. */
export function fieldsOf(body: unknown, key: string, refuse: (message: string) => Refused): Fields {
  const inner = isFields(body) ? body[key] : undefined;
  if (!isFields(inner)) throw refuse(`Unable to find '${key}' in request body`);
  return inner;
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function textOf(fields: Fields, key: string): string | undefined {
  const value = fields[key];
  return typeof value === 'string' ? value : undefined;
}

export function numberOf(fields: Fields, key: string): number | undefined {
  const value = fields[key];
  return typeof value === 'number' ? value : undefined;
}

export function listOf(fields: Fields, key: string): Fields[] | undefined {
  const value = fields[key];
  return Array.isArray(value) ? value.filter(isFields) : undefined;
}

/** Of the same length as the list itself or undefined. */
export function textsOf(fields: Fields, key: string): string[] | undefined {
  const value = fields[key];
  return Array.isArray(value) ? value.map(String) : undefined;
}
