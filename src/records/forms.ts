/** Forms that are open in Slack, by the id of their view: what they are about, and how much of the world they show. */
import type { Place } from '../core/place.ts';
import type { Listener } from '../core/world.ts';
import type { Redis } from './redis.ts';

export interface Form {
  /** The id of its view. */
  view: string;
  user: string;
  place: Place;
  /** Slack's mark of the view as it was last shown: a change of anything older is refused ("views.update"). */
  hash?: string;
  /** This person may look at instances, so they can be chosen. */
  looks: boolean;
  /** Names of networks in the configuration. */
  networks: readonly string[];
  /** `late`: they have not answered in time. */
  hosts: 'looking' | 'looked' | 'late';
  /** The input for a name is shown, and stays: somebody may have typed into it. */
  typed?: true;
  chosen?: ChosenInstance;
}

/** The instance that was chosen, and what was seen listening in it. */
export interface ChosenInstance {
  host: string;
  instance: string;
  /** When it was chosen, in Slack's time, seconds since 1970. */
  at: number;
  ports: 'looking' | 'late' | 'unseen' | readonly Listener[];
}

/** Nobody looks at a form for longer. */
const KEEP_SECONDS = 3_600;

export type Forms = ReturnType<typeof createForms>;

/** The register of forms. */
export function createForms(redis: Redis, prefix: string) {
  const keyOf = (view: string) => `${prefix}:form:${view}`;
  return {
    async put(form: Form): Promise<void> {
      await redis.set(keyOf(form.view), JSON.stringify(form), 'EX', KEEP_SECONDS);
    },

    async get(view: string): Promise<Form | undefined> {
      const text = await redis.get(keyOf(view));
      return text === null ? undefined : (JSON.parse(text) as Form);
    },

    /** It was sent, or closed. */
    async forget(view: string): Promise<void> {
      await redis.del(keyOf(view));
    },
  };
}
