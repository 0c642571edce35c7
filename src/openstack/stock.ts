/** Verbs on what a cloud has to make servers of: flavors, images, key pairs, and how much of them is left (Compute and Image API). */
import { z } from 'zod';
import type { Rest } from './call.ts';
import type { CloudClient } from './cloud-client.ts';
import { flavor, image, keypair, limits, under } from './schemas.ts';

type StockVerbs = Pick<
  CloudClient,
  'listFlavors' | 'getComputeLimits' | 'getKeypair' | 'createKeypair' | 'deleteKeypair' | 'listImages'
>;

export function stockVerbs(rest: Rest): StockVerbs {
  const service = 'compute';
  const absolute = under('limits', z.object({ absolute: limits }));

  return {
    listFlavors: (signal) =>
      rest.list('flavors', flavor, {
        doing: 'listing flavors',
        service,
        path: ['flavors', 'detail'],
        signal,
      }),
    getComputeLimits: async (signal) => {
      const found = await rest.get(absolute, {
        doing: 'reading Nova’s limits',
        service,
        path: ['limits'],
        signal,
      });
      return found.absolute;
    },
    getKeypair: (name, signal) =>
      rest.find(under('keypair', keypair), {
        doing: `reading key pair ${name}`,
        service,
        path: ['os-keypairs', name],
        signal,
      }),
    createKeypair: (name, publicKey, signal) =>
      rest.act({
        doing: `creating key pair ${name}`,
        service,
        method: 'POST',
        path: ['os-keypairs'],
        body: { keypair: { name, public_key: publicKey } },
        signal,
      }),
    deleteKeypair: (name, signal) =>
      rest.remove({ doing: `deleting key pair ${name}`, service, path: ['os-keypairs', name], signal }),
    listImages: (filter, signal) =>
      rest.list('images', image, {
        doing: 'listing images',
        service: 'image',
        path: ['images'],
        query: filter,
        signal,
      }),
  };
}
