/** Operations of the pretended LXD: begun at once, waited for, and forgotten a while after they end. */
import { randomUUID } from 'node:crypto';
import { messageOf } from '../../errors.ts';
import { type LxdAnswer, LxdRefused, synced } from './lxd-answer.ts';

export interface Operation {
  id: string;
  class: 'task';
  description: string;
  created_at: string;
  updated_at: string;
  status: 'Running' | 'Success' | 'Failure';
  status_code: number;
  resources: { instances: string[] };
  metadata: Record<string, unknown> | null;
  may_cancel: boolean;
  err: string;
  location: string;
}

/** What a piece of work leaves behind; `err` makes the operation a failure. */
export interface Outcome {
  metadata?: Record<string, unknown>;
  err?: string;
}

export type Work = (id: string, report: (metadata: Record<string, unknown>) => void) => Promise<Outcome>;

export interface LxdOperations {
  /** Begins the work; a copy of the operation as it is at the beginning. What the work reports stands in its metadata meanwhile. */
  begin(description: string, instance: string, work: Work): Operation;
  /** All that are known, by their state in small letters. */
  list(): Record<string, Operation[]>;
  /** What is being done with an instance, if something is. */
  busyWith(instance: string): string | undefined;
  wait(id: string, seconds: number): Promise<LxdAnswer>;
  stop(): void;
}

/** The real one forgets an operation about five seconds after its end (measured on 5.0.2). */
const KEPT_MS = 5_000;

export function createOperations(): LxdOperations {
  const all = new Map<string, { operation: Operation; end: Promise<void> }>();
  const timers = new Set<NodeJS.Timeout>();

  function forgetLater(id: string): void {
    const timer = setTimeout(() => {
      all.delete(id);
      timers.delete(timer);
    }, KEPT_MS);
    timers.add(timer.unref());
  }

  return {
    begin(description, instance, work) {
      const operation = freshOperation(description, instance);
      const end = work(operation.id, (metadata) => {
        operation.metadata = metadata;
      })
        .catch((error): Outcome => ({ err: messageOf(error) }))
        .then(({ metadata, err }) => {
          const failed = err !== undefined;
          Object.assign(operation, {
            status: failed ? 'Failure' : 'Success',
            status_code: failed ? 400 : 200,
            updated_at: new Date().toISOString(),
            metadata: metadata ?? operation.metadata,
            err: err ?? '',
          });
          forgetLater(operation.id);
        });
      const atFirst = { ...operation };
      all.set(operation.id, { operation, end });
      return atFirst;
    },
    list() {
      const lists: Record<string, Operation[]> = {};
      for (const { operation } of all.values()) {
        const state = operation.status.toLowerCase();
        lists[state] = [...(lists[state] ?? []), { ...operation }];
      }
      return lists;
    },
    busyWith(instance) {
      const path = `/1.0/instances/${instance}`;
      const running = [...all.values()].find(
        ({ operation }) => operation.status_code < 200 && operation.resources.instances.includes(path),
      );
      return running?.operation.description;
    },
    async wait(id, seconds) {
      const found = all.get(id);
      if (found === undefined) throw new LxdRefused(404, 'Operation not found');
      const late = new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, seconds * 1_000).unref();
        found.end.then(() => clearTimeout(timer));
      });
      await Promise.race([found.end, late]);
      return synced({ ...found.operation });
    },
    stop() {
      for (const timer of timers) clearTimeout(timer);
      all.clear();
    },
  };
}

function freshOperation(description: string, instance: string): Operation {
  const now = new Date().toISOString();
  return {
    id: randomUUID(),
    class: 'task',
    description,
    created_at: now,
    updated_at: now,
    status: 'Running',
    status_code: 103,
    resources: { instances: [`/1.0/instances/${instance}`] },
    metadata: null,
    may_cancel: false,
    err: '',
    location: 'none',
  };
}
