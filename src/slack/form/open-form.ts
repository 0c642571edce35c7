/** Opens the form behind `expose`: at once as loading, then with what is known, then with what the workers see. */
import { placeOnly } from '../../core/place.ts';
import { mayUse, refusedTo } from '../../core/policy.ts';
import { messageOf } from '../../errors.ts';
import type { Form } from '../../records/forms.ts';
import type { CommandTools } from '../command-tools.ts';
import { openModal } from '../open-modal.ts';
import { redisAwayOr } from '../redis-away.ts';
import type { Where } from '../submit.ts';
import { loadingView, refusedView, wordsView } from './form-view.ts';
import { showForm } from './show-form.ts';

/** How long a person looks at a form that waits for the hosts before it says that it does. */
const LATE_MS = 4_000;

const NOT_OPENED =
  'Slack did not open the form in time. Try again, or type all of it, like `/lxd expose blog 80`.';

/** Never throws. @param trigger holds for three seconds and once */
export async function openForm(
  trigger: string,
  where: Omit<Where, 'text'>,
  tools: CommandTools,
): Promise<void> {
  const opening = { trigger, user: where.user, modal: loadingView(where), otherwise: NOT_OPENED };
  const opened = await openModal(opening, tools);
  if (opened !== undefined) await fillForm(opened, where, tools);
}

/** Fills a view that shows the form as loading. Never throws. */
export async function fillForm(
  view: { id: string; hash?: string },
  where: Omit<Where, 'text'>,
  tools: CommandTools,
): Promise<void> {
  const { user } = where;
  const { client, records, queues, people, networks, log } = tools;
  try {
    const person = await people.person(user);
    const refusal = refusedTo(tools.policy(), person, 'expose');
    if (refusal !== undefined) {
      await records.audit.add({ kind: 'refused', user, what: `expose: ${refusal.message}` });
      return void (await client.views.update({ view_id: view.id, view: refusedView(refusal, 'Close') }));
    }
    const looks = mayUse(tools.policy(), person, 'list');
    if (looks) await records.audit.add({ kind: 'looked', user, what: 'expose (the form)' });
    await records.forms.put({
      view: view.id,
      ...(view.hash !== undefined && { hash: view.hash }),
      user,
      place: placeOnly(where),
      looks,
      networks: Object.keys(networks),
      hosts: looks ? 'looking' : 'looked',
    });
    await showForm(view.id, (form) => form, tools);
    if (!looks) return;
    await queues.fillForm({ form: view.id });
    sayLate(view.id, (form) => (form.hosts === 'looking' ? { ...form, hosts: 'late' } : undefined), tools);
  } catch (error) {
    log.error({ err: error, user }, 'filling a form');
    const sorry = redisAwayOr(error, 'Nothing was begun; type it all, like `/lxd expose blog 80`.');
    await client.views
      .update({ view_id: view.id, view: wordsView(sorry) })
      .catch((again) => log.warn({ err: messageOf(again), user }, 'saying so'));
  }
}

/** Says in the form that what it waits for has not come, if it has not. */
export function sayLate(
  view: string,
  late: (form: Form) => Form | undefined,
  tools: Pick<CommandTools, 'client' | 'records' | 'log'>,
): void {
  const say = () =>
    showForm(view, late, tools).catch((error) =>
      tools.log.warn({ err: messageOf(error) }, 'saying in a form that hosts do not answer'),
    );
  setTimeout(say, LATE_MS).unref();
}
