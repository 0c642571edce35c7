/** Lets Drawbridge close the doors that were too many to be closed without a word. */
import { mayDecide } from '../../core/policy.ts';
import { needOf } from '../../core/rules/ruling.ts';
import type { View } from '../bolt.ts';
import type { CommandTools } from '../command-tools.ts';
import { textView } from '../views/answer-view.ts';

/** What to tell the person. @param id of the batch that they saw */
export async function approveRemovals(id: string, user: string, tools: CommandTools): Promise<View> {
  const { records, queues, policy, people } = tools;
  const now = policy();
  // Nobody asked for it, so nobody is kept from deciding because it is their own.
  const verdict = mayDecide(now, await people.person(user), '', needOf(now));
  if (!verdict.may) {
    await records.audit.add({ kind: 'refused', user, what: `approving closings: ${verdict.why}` });
    return textView(`:no_entry: ${verdict.why}`);
  }
  const batch = await records.removals.waiting();
  if (batch?.id !== id || !(await records.removals.approve(id, user)))
    return textView('These are not the doors that wait now, or somebody approved it already.');
  const what = `${batch.doors.length} closings: ${batch.doors.map(({ line }) => line).join('; ')}`;
  await records.audit.add({ kind: 'removals_approved', user, what });
  if (batch.channel !== undefined) await records.outbox.add(batch.channel, { kind: 'removals' });
  await queues.reconcile({});
  return textView(`You approved the closing of ${batch.doors.length} doors.`);
}
