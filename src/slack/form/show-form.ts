/** Brings an open form up to date. What a person has filled in stays: Slack keeps it where ids of blocks stay the same. */
import type { ChosenInstance, Form } from '../../records/forms.ts';
import type { Entry, FormNews } from '../../records/outbox.ts';
import { type ModalView, troubleOf } from '../bolt.ts';
import type { Delivered, DeliverTools } from '../deliver-tools.ts';
import { formView, needsName } from './form-view.ts';

export type FormTools = Pick<DeliverTools, 'client' | 'records'>;

/** One change at a time is shown. */
const WAIT_MS = 10_000;
/** Nobody waits so long before a form. */
const STALE_MS = 60_000;

/**
 * Changes a form and shows it. A form that was closed is forgotten, a change that Slack finds older than what it shows is left; neither
 * is an error. Other troubles are thrown as Slack's SDK throws them.
 * @param change undefined where nothing is new
 */
export async function showForm(
  view: string,
  change: (form: Form) => Form | undefined,
  { client, records }: FormTools,
): Promise<Delivered> {
  const { forms, inventory, locks } = records;
  const show = async (): Promise<Delivered> => {
    const before = await forms.get(view);
    const changed = before && change(before);
    if (changed === undefined) return 'nothing';
    const seen = changed.looks ? await inventory.list() : [];
    const form: Form = needsName(changed, seen) ? { ...changed, typed: true } : changed;
    // Kept first: what Slack does not show now is shown with the next change.
    await forms.put(form);
    const hash = await updateView(view, formView(form, seen), form.hash, client);
    if (hash === 'closed') await forms.forget(view);
    // A mark of ours was lost, with the process that had it: the next change goes without one.
    if (hash === 'older') await forms.put(withoutHash(form));
    if (hash === 'closed' || hash === 'older') return 'nothing';
    await forms.put({ ...form, hash });
    return 'sent';
  };
  return locks.hold(`form:${view}`, show, WAIT_MS);
}

/** It was sent or closed. A change that is under way ends first, or it would keep the form again. Never throws: what is kept ends by itself. */
export async function forgetForm(view: string, { locks, forms }: FormTools['records']): Promise<void> {
  await locks.hold(`form:${view}`, () => forms.forget(view), WAIT_MS).catch(() => undefined);
}

/** From the outbox: what a worker saw. */
export async function deliverForm(
  { view, news }: Pick<Extract<Entry, { kind: 'form' }>, 'view' | 'news'>,
  ageMs: number,
  tools: FormTools,
): Promise<Delivered> {
  if (ageMs > STALE_MS) return 'nothing';
  return showForm(view, (form) => withNews(form, news), tools);
}

/** What listens in an instance counts only while that one is chosen. */
function withNews(form: Form, news: FormNews): Form | undefined {
  if (news === 'hosts') return { ...form, hosts: 'looked' };
  const { chosen } = form;
  if (chosen?.host !== news.host || chosen.instance !== news.instance) return undefined;
  const ports: ChosenInstance['ports'] = news.listeners ?? 'unseen';
  return { ...form, chosen: { ...chosen, ports } };
}

function withoutHash({ hash: _lost, ...form }: Form): Form {
  return form;
}

/** The new mark of the view. */
async function updateView(
  view_id: string,
  view: ModalView,
  hash: string | undefined,
  client: FormTools['client'],
): Promise<string> {
  try {
    const shown = await client.views.update({ view_id, view, ...(hash !== undefined && { hash }) });
    return shown.view?.hash ?? '';
  } catch (error) {
    const trouble = troubleOf(error);
    if (trouble.kind !== 'refused') throw error;
    if (trouble.error === 'not_found') return 'closed';
    if (trouble.error === 'hash_conflict') return 'older';
    throw error;
  }
}
