/** Job of the queue `look` for a form that is open in Slack: which instances there are, or what listens in one of them. */
import { messageOf } from '../../src/errors.ts';
import type { FormPayload } from '../../src/queues.ts';
import type { FormNews } from '../../src/records/outbox.ts';
import { observeListeners } from '../observe/observe-instance.ts';
import { takeInventory } from '../sweep/watch-inventory.ts';
import type { Tools } from '../tools.ts';

/** Several people open forms at once. */
const FRESH_MS = 3_000;
/** Somebody waits before a form. */
const ANSWER_MS = 8_000;

type FillTools = Pick<Tools, 'hosts' | 'records' | 'log'>;

/** Looks, and puts what was seen in the form's own lane of the outbox. */
export async function fillForm(
  { form, instance }: FormPayload,
  signal: AbortSignal,
  tools: FillTools,
): Promise<void> {
  const { records } = tools;
  if ((await records.forms.get(form)) === undefined) return;
  if (instance === undefined) await takeInventory(tools, signal, FRESH_MS);
  const news = instance === undefined ? 'hosts' : await listenersIn(instance, signal, tools);
  await records.outbox.add(`form-${form}`, { kind: 'form', view: form, news });
}

async function listenersIn(
  about: { host: string; instance: string },
  signal: AbortSignal,
  { hosts, log }: FillTools,
): Promise<FormNews> {
  const host = (await hosts.list()).find(({ name }) => name === about.host);
  if (host === undefined) return about;
  try {
    const patience = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]);
    const listeners = await observeListeners(host, about.instance, patience);
    return listeners === undefined ? about : { ...about, listeners };
  } catch (error) {
    log.info({ ...about, err: messageOf(error) }, 'what listens could not be seen');
    return about;
  }
}
