/** Finds a TCP port that nobody has, for a page. */
import { createServer } from 'node:net';

/** Where browsers and `fetch` open no page, whoever listens (Fetch Standard, “Port blocking”); those below 1024 are not ours anyway. */
const BLOCKED = new Set([
  ...[1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566],
  ...[6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080],
]);

/** The first free port from `from` on, on every interface; at most 50 are tried. */
export async function freePort(from: number): Promise<number> {
  for (let port = from; port < from + 50; port += 1)
    if (!BLOCKED.has(port) && (await isFree(port))) return port;
  return from;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, () => server.close(() => resolve(true)));
  });
}
