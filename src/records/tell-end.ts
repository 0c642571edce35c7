/** What has to follow the end of a request: its entry in the audit, and its last word in Slack. Whoever ended it may have died before that. */
import { outcomeInWords } from '../core/outcome-words.ts';
import { placeForOne } from '../core/place.ts';
import type { RequestRecord } from '../core/record.ts';
import type { Records } from './records.ts';

type TellRecords = Pick<Records, 'requests' | 'audit' | 'outbox' | 'locks'>;

/** Done again, and by several at once, it tells once. */
export async function tellEnd(id: string, records: TellRecords): Promise<void> {
  await records.locks.hold(`telling:${id}`, async () => {
    if (!(await records.requests.isUntold(id))) return;
    const record = await records.requests.get(id);
    if (record?.outcome !== undefined) {
      const { outcome } = record;
      const by = 'by' in outcome ? { user: outcome.by } : {};
      const entries = await records.audit.of(id);
      if (!entries.some(({ kind }) => kind === 'ended'))
        await records.audit.add({ kind: 'ended', request: id, ...by, what: outcomeInWords(outcome) });
      await tellPeople(record, records);
    }
    await records.requests.told(id);
  });
}

/** A refusal before there was a plan is the requester's own, unless nobody asked; everything else is told where it was asked. */
async function tellPeople({ asked, plan, outcome }: RequestRecord, { outbox }: TellRecords): Promise<void> {
  const { id, requester, channel, byItself } = asked;
  if (outcome?.kind === 'refused' && plan === undefined && byItself !== 'end') {
    await outbox.add(channel, { kind: 'withdraw', request: id });
    // A difference that was gone when it was looked at again is nothing to talk about.
    if (byItself === 'difference') return;
    await outbox.add(`private-${requester}`, {
      kind: 'answer',
      user: requester,
      ...placeForOne(asked),
      answer: outcome,
    });
    return;
  }
  await outbox.add(channel, { kind: 'request', request: id });
  await outbox.add(channel, { kind: 'ended', request: id });
}
