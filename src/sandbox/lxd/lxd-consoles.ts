/** What the pretended instances say on their consoles, and since when they run. */

export interface LxdConsoles {
  /** Milliseconds since 1970. */
  runsSince(instance: string): number;
  started(instance: string): void;
  stopped(instance: string): void;
  /** What came since it was last read: whoever reads takes it away, as from the real one while it runs (measured on 5.0.2). */
  take(instance: string): string;
  /** All that came, of one that is stopped. */
  whole(instance: string): string;
}

interface Said {
  since: number;
  unread: string;
  whole: string;
}

/** @param running those that run already, and have for long */
export function createConsoles(running: readonly string[]): LxdConsoles {
  const all = new Map<string, Said>(running.map((name) => [name, bootOf(name, 0)]));
  const of = (name: string): Said => all.get(name) ?? { since: 0, unread: '', whole: '' };
  return {
    runsSince: (name) => of(name).since,
    started: (name) => void all.set(name, bootOf(name, Date.now())),
    stopped(name) {
      const said = of(name);
      all.set(name, { ...said, whole: `${said.whole}${name} stops\n` });
    },
    take(name) {
      const said = of(name);
      all.set(name, { ...said, unread: '' });
      return said.unread;
    },
    whole: (name) => of(name).whole,
  };
}

function bootOf(name: string, since: number): Said {
  const text = `${name} starts\n${name} is ready\n`;
  return { since, unread: text, whole: text };
}
