/**
 * The part of pkgcloud 2.2.0 that Drawbridge uses, from its source: it has no types for OpenStack. Names with an underscore are its
 * own; they are where a call can be made without what it makes of answers.
 */
declare module 'pkgcloud' {
  interface Requesting {
    /** Calls back with the parsed body, or its text where it is not JSON, or undefined where it is empty. */
    _request(
      options: { method: string; uri: string; headers?: Record<string, string>; body?: unknown },
      callback: (error: Error | null, body: unknown, response: IncomingMessage) => void,
    ): { abort(): void; on(event: 'data', listener: (chunk: Buffer) => void): unknown };
    /** Run on the options of each request; Keystone's login is not made by this. */
    before: ((options: Record<string, unknown>) => void)[];
    /** Status codes that count as errors. */
    failCodes: Record<string, string>;
    _identity: Identity;
    _serviceUrl: string | null;
  }

  interface Identity {
    token: { id: string; expires: Date } | null | undefined;
    authorize(callback: (error?: unknown) => void): void;
    /** Takes token and catalogue from what Keystone answered. */
    _parseIdentityResponse(body: unknown, headers: Record<string, string>): void;
    /** @throws Error where the catalogue has none */
    getServiceEndpointUrl(wanted: {
      serviceType: string;
      region: string;
      useInternal: boolean;
      useAdmin: boolean;
    }): string;
  }

  type IncomingMessage = import('node:http').IncomingMessage;

  const pkgcloud: {
    network: { createClient(options: Record<string, unknown>): Requesting };
    base: { Client: new (options: Record<string, unknown>) => Requesting };
  };

  // biome-ignore lint/style/noDefaultExport: it has no other
  export { pkgcloud as default };
}
