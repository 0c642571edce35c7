/** Asks a simplestreams server, as LXD uses it, whether it has an image (Simple Streams, "index:1.0" and "products:1.0"). */
import { z } from 'zod';

const index = z.looseObject({
  index: z.record(z.string(), z.looseObject({ path: z.string(), datatype: z.string() })),
});
const products = z.looseObject({
  products: z.record(z.string(), z.looseObject({ aliases: z.string().default('') })),
});

const PATIENCE_MS = 10_000;

/**
 * @param server the address that LXD is given, like `https://images.example.org`
 * @returns `unknown` where the server does not answer, or not as one of its kind: LXD may reach it all the same
 */
export async function imageServerHas(
  server: string,
  alias: string,
  signal?: AbortSignal,
): Promise<boolean | 'unknown'> {
  try {
    const { index: entries } = index.parse(await read(server, 'streams/v1/index.json', signal));
    const lists = Object.values(entries).filter(({ datatype }) => datatype === 'image-downloads');
    for (const { path } of lists) {
      const { products: all } = products.parse(await read(server, path, signal));
      if (Object.values(all).some(({ aliases }) => aliases.split(',').includes(alias))) return true;
    }
    return false;
  } catch (error) {
    if (signal?.aborted === true) throw error;
    return 'unknown';
  }
}

async function read(server: string, path: string, signal: AbortSignal | undefined): Promise<unknown> {
  const late = AbortSignal.timeout(PATIENCE_MS);
  const url = new URL(path, server.endsWith('/') ? server : `${server}/`);
  const response = await fetch(url, {
    signal: signal === undefined ? late : AbortSignal.any([signal, late]),
  });
  if (!response.ok) throw new Error(`${url.href} answered ${response.status}`);
  return response.json();
}
