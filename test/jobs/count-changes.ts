/** Counts the calls that change LXD or the cloud, whichever of the two it is, and strikes at one of them. */

import type { GateOptions } from '../stage/lxd-gate.ts';

export type When = 'before' | 'after';

export interface Changes {
  /** Those since the last `forget`, in order and without names and ids: `POST /floatingips`. */
  list: string[];
  forget(): void;
  /** Has `deed` done once, before or after the change of this number has its effect. */
  strikeAt(number: number, when: When, deed: () => void): void;
  /** Tells of a change; true where its caller has just been struck and must not get an answer. */
  meet(when: When, method: string, path: string): boolean;
  /** Hooks of a gate in front of LXD that has them all counted. */
  atGate: Pick<GateOptions, 'before' | 'after'>;
}

/** @param names what is left out of the list: names of instances and the like */
export function countChanges(names: readonly string[] = []): Changes {
  const list: string[] = [];
  let aim: { number: number; when: When; deed: () => void } | undefined;
  const plain = (path: string): string =>
    names
      .reduce((text, name) => text.replaceAll(name, '*'), decodeURIComponent(path).replace(/\?.*/, ''))
      .replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '*')
      .replace(/door-[a-z0-9]+/g, 'door')
      .replace('/1.0', '');
  const meet = (when: When, method: string, path: string): boolean => {
    if (when === 'before') list.push(`${method} ${plain(path)}`);
    // Where several change things at once, others may have begun before the one that was aimed at is done.
    if (aim === undefined || aim.when !== when || list.length < aim.number) return false;
    const { deed } = aim;
    aim = undefined;
    deed();
    return true;
  };
  return {
    list,
    forget: () => void list.splice(0),
    strikeAt: (number, when, deed) => {
      aim = { number, when, deed };
    },
    meet,
    atGate: {
      before: ({ method, path }) => (meet('before', method, path) ? 'drop' : 'pass'),
      after: ({ method, path }) => (meet('after', method, path) ? 'drop' : 'pass'),
    },
  };
}
