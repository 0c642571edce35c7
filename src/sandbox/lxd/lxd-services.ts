/** What the pretended instances serve: real little services on loopback ports that nobody knows but the doors. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Socket } from 'node:net';

/** A service as the instance sees it. */
export interface PretendedListener {
  protocol: 'tcp' | 'udp';
  address: string;
  port: number;
}

export interface LxdServices {
  /** What listens in an instance. */
  listenersOf(instance: string): PretendedListener[];
  /** The real loopback port behind an address and port of an instance; undefined when nothing listens there. */
  find(instance: string, protocol: 'tcp' | 'udp', address: string, port: number): number | undefined;
  /** Gives a page to every instance that has no service yet, and ends those of instances that are gone. */
  follow(instances: readonly string[]): Promise<void>;
  stop(): Promise<void>;
}

interface Running extends PretendedListener {
  instance: string;
  realPort: number;
  stop: () => Promise<unknown>;
}

export async function startServices(): Promise<LxdServices> {
  const everywhere = '0.0.0.0';
  let all: Running[] = [
    { instance: 'blog', protocol: 'tcp', address: everywhere, port: 80, ...(await servePage('blog')) },
    { instance: 'shop', protocol: 'tcp', address: everywhere, port: 80, ...(await servePage('shop')) },
    { instance: 'shop', protocol: 'udp', address: everywhere, port: 7, ...(await serveEcho()) },
    { instance: 'db', protocol: 'tcp', address: '127.0.0.1', port: 5432, ...(await serveDatabase()) },
  ];
  return {
    listenersOf: (instance) =>
      all
        .filter((each) => each.instance === instance)
        .map(({ protocol, address, port }) => ({ protocol, address, port })),
    find: (instance, protocol, address, port) =>
      all.find(
        (each) =>
          each.instance === instance &&
          each.protocol === protocol &&
          each.port === port &&
          (each.address === everywhere || each.address === address),
      )?.realPort,
    async follow(instances) {
      const gone = all.filter(({ instance }) => !instances.includes(instance));
      all = all.filter((each) => !gone.includes(each));
      const fresh = instances.filter((name) => !all.some(({ instance }) => instance === name));
      for (const instance of fresh)
        all.push({
          instance,
          protocol: 'tcp',
          address: everywhere,
          port: 80,
          ...(await servePage(instance)),
        });
      await Promise.all(gone.map((each) => each.stop()));
    },
    async stop() {
      await Promise.all(all.map((each) => each.stop()));
    },
  };
}

type Service = Pick<Running, 'realPort' | 'stop'>;

async function servePage(name: string): Promise<Service> {
  const page = pageOf(name);
  const server = createHttpServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(page);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stop = async () => {
    server.close();
    server.closeAllConnections();
  };
  return { realPort: (server.address() as AddressInfo).port, stop };
}

function pageOf(name: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>${name}</title>
<style>
  body { font: 18px/1.5 system-ui, sans-serif; max-width: 34em; margin: 15vh auto; padding: 0 1em }
</style>
<h1>${name}</h1>
<p>This page comes from the sandbox instance <strong>${name}</strong>, through a door that Drawbridge opened.</p>
</html>
`;
}

/** Answers every datagram with itself. */
async function serveEcho(): Promise<Service> {
  const socket = createSocket('udp4', (message, { address, port }) => socket.send(message, port, address));
  socket.on('error', () => undefined);
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return { realPort: socket.address().port, stop: async () => socket.close() };
}

/** PostgreSQL as far as saying, in its own protocol, that nobody may log in; says nothing before it is asked. */
async function serveDatabase(): Promise<Service> {
  const connections = new Set<Socket>();
  const server = createServer((socket) => {
    connections.add(socket);
    socket.on('close', () => connections.delete(socket));
    socket.on('error', () => undefined);
    socket.on('data', (asked) => {
      // A client first asks for TLS (PostgreSQL, "SSLRequest"): `N` is no.
      if (asked.length === 8 && asked.readUInt32BE(4) === 80877103) socket.write('N');
      else socket.end(farewell());
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stop = async () => {
    server.close();
    for (const socket of connections) socket.destroy();
  };
  return { realPort: (server.address() as AddressInfo).port, stop };
}

function farewell(): Buffer {
  const fields = Buffer.from(
    'SFATAL\0C28000\0Mthis is the database of the Drawbridge sandbox: it is empty\0\0',
  );
  const head = Buffer.alloc(5, 'E');
  head.writeUInt32BE(fields.length + 4, 1);
  return Buffer.concat([head, fields]);
}
