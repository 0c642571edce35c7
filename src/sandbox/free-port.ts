/** Finds a TCP port that nobody has. */
import { createServer } from 'node:net';

/** The first free port from `from` on, on every interface; at most 50 are tried. */
export async function freePort(from: number): Promise<number> {
  for (let port = from; port < from + 50; port += 1) if (await isFree(port)) return port;
  return from;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, () => server.close(() => resolve(true)));
  });
}
