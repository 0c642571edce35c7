/** Takes in a request that Drawbridge asks for by itself: tells the audit, keeps it, shows it and has it planned. */
import { subjectOf } from '../src/core/audit/audit-subject.ts';
import type { Asked } from '../src/core/request.ts';
import { showRequest } from './end-request.ts';
import type { Tools } from './tools.ts';

/** Whoever sweeps at the same time waits no longer than this. */
const WAIT_MS = 10_000;

/**
 * Takes it in once, however many workers try: its id says which it is.
 * @param what for the audit
 * @param user who caused it, where that is a person
 */
export async function takeInRequest(
  asked: Asked,
  what: string,
  { records, queues, log }: Pick<Tools, 'records' | 'queues' | 'log'>,
  user?: string,
): Promise<void> {
  const { id, command } = asked;
  await records.locks.hold(
    `asking:${id}`,
    async () => {
      if ((await records.requests.get(id)) !== undefined) return;
      const by = user === undefined ? {} : { user };
      await records.audit.add({ kind: 'asked', request: id, ...by, ...subjectOf(command), what });
      await records.requests.create(asked);
      log.info({ request: id, what }, 'request asked');
    },
    WAIT_MS,
  );
  await queues.plan({ request: id });
  await showRequest(id, { records });
}
