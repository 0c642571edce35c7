/** Verbs on images and profiles: what instances are made from. */
import type { Rest } from './call.ts';
import { pathOf } from './rest.ts';
import { images, profiles } from './schemas.ts';
import type { LxdImage, LxdProfile } from './types.ts';

export interface ImageVerbs {
  /** The host's own, each with its aliases; those that LXD fetched and keeps for a while have none. */
  listImages(signal?: AbortSignal): Promise<LxdImage[]>;
  listProfiles(signal?: AbortSignal): Promise<LxdProfile[]>;
}

export function imageVerbs(rest: Rest): ImageVerbs {
  const query = { recursion: '1' };
  return {
    listImages: async (signal) => {
      const read = { doing: 'listing images', path: pathOf('images'), query, signal };
      return (await rest.get(images, read)).value;
    },
    listProfiles: async (signal) => {
      const read = { doing: 'listing profiles', path: pathOf('profiles'), query, signal };
      return (await rest.get(profiles, read)).value;
    },
  };
}
