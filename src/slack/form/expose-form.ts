/** The form behind `expose`, answered: options while somebody types, ports of the instance that is chosen, and what is sent. */
import { exposeText } from '../../core/commands/expose-text.ts';
import { mayUse } from '../../core/policy.ts';
import type { Refusal } from '../../core/refusal.ts';
import type { Command } from '../../core/request.ts';
import { messageOf } from '../../errors.ts';
import type { Form } from '../../records/forms.ts';
import { answerPrivately } from '../answer-privately.ts';
import type {
  App,
  BlockAction,
  BlockSuggestion,
  SelectAction,
  ViewClosedAction,
  ViewSubmitAction,
} from '../bolt.ts';
import type { CommandTools } from '../command-tools.ts';
import { refusedAtOnce } from '../refused-at-once.ts';
import { placeOf } from '../views/command-modal.ts';
import { FOUND, LISTED } from './form-fields.ts';
import { fieldErrors, formValues, needsInventory } from './form-values.ts';
import { EXPOSE_FORM, refusedView } from './form-view.ts';
import { instanceOf, instanceOptions } from './instance-options.ts';
import { sayLate } from './open-form.ts';
import { forgetForm, showForm } from './show-form.ts';

/** Slack waits three seconds for the answer to what was sent. */
const PATIENCE_MS = 1_500;

type Sent = Pick<ViewSubmitAction, 'user' | 'view'>;
type SendAnswer =
  | { response_action: 'errors'; errors: Record<string, string> }
  | { response_action: 'push'; view: ReturnType<typeof refusedView> };

/** Registers what Slack asks and tells about the form. */
export function registerExposeForm(app: App, tools: CommandTools): void {
  app.options<'block_suggestion'>(
    { type: 'block_suggestion', action_id: FOUND },
    async ({ ack, options }) => {
      const { label, options: found } = await optionsFor(options, tools);
      if (label === undefined) return ack({ options: found });
      await ack({ option_groups: [{ label: { type: 'plain_text', text: label }, options: found }] });
    },
  );
  for (const action_id of [LISTED, FOUND]) {
    app.action<BlockAction<SelectAction>>(
      { type: 'block_actions', action_id },
      async ({ ack, action, body }) => {
        await ack();
        const { view } = body;
        const value = action.selected_option?.value;
        if (view === undefined || value === undefined) return;
        await showPorts({ view: view.id, value, at: Number(action.action_ts) }, tools);
      },
    );
  }
  app.view<ViewSubmitAction>({ type: 'view_submission', callback_id: EXPOSE_FORM }, async ({ ack, body }) => {
    const stop = tools.metrics.ackSeconds.startTimer();
    const text = await textOf(body, tools);
    if (typeof text !== 'string') return ack(text);
    await ack();
    stop();
    const place = placeOf(body.view.private_metadata) ?? { channel: body.user.id };
    await answerPrivately({ user: body.user.id, text, ...place }, tools);
    await forgetForm(body.view.id, tools.records);
  });
  app.view<ViewClosedAction>({ type: 'view_closed', callback_id: EXPOSE_FORM }, async ({ ack, body }) => {
    await ack();
    await forgetForm(body.view.id, tools.records);
  });
}

/** Within three seconds, whatever happens: nothing found is an answer, too. */
async function optionsFor({ user, value }: BlockSuggestion, tools: CommandTools) {
  try {
    const person = await tools.people.person(user.id);
    if (!mayUse(tools.policy(), person, 'list')) return { options: [] };
    return instanceOptions(await tools.records.inventory.lately(), value);
  } catch (error) {
    tools.log.warn({ err: messageOf(error), user: user.id }, 'answering with instances');
    return { options: [] };
  }
}

interface Choice {
  view: string;
  value: string;
  /** Slack's time, seconds since 1970. */
  at: number;
}

/** Says that ports are looked for, and has a worker look. */
async function showPorts({ view, value, at }: Choice, tools: CommandTools): Promise<void> {
  const { records, queues, log } = tools;
  try {
    const instance = instanceOf(value, await records.inventory.lately());
    if (instance === undefined) return;
    let counts = false;
    const choose = (form: Form): Form | undefined => {
      // Choices may come in another order than they were made in.
      counts = (form.chosen?.at ?? 0) <= at;
      return counts ? { ...form, chosen: { ...instance, at, ports: 'looking' } } : undefined;
    };
    await showForm(view, choose, tools);
    if (!counts) return;
    await queues.fillForm({ form: view, instance });
    const late = ({ chosen, ...form }: Form): Form | undefined =>
      chosen?.at === at && chosen.ports === 'looking'
        ? { ...form, chosen: { ...chosen, ports: 'late' } }
        : undefined;
    sayLate(view, late, tools);
  } catch (error) {
    log.warn({ err: messageOf(error) }, 'showing ports in a form');
  }
}

/** The command's text, or what is to be shown in the form instead. */
async function textOf({ user, view }: Sent, tools: CommandTools): Promise<string | SendAnswer> {
  const { values } = view.state;
  const seen = needsInventory(values) ? await tools.records.inventory.lately().catch(() => []) : [];
  const filled = formValues(values, seen);
  if ('errors' in filled) return { response_action: 'errors', errors: filled.errors };
  const made = exposeText(filled.fields, tools.networks, tools.clock());
  if ('refusal' in made) {
    tools.metrics.commands.inc({ action: 'not_understood' });
    return { response_action: 'errors', errors: fieldErrors(made.field, made.refusal, values) };
  }
  const { channel } = placeOf(view.private_metadata) ?? { channel: user.id };
  const refusal = await refusalInTime(made, { user: user.id, channel }, tools);
  return refusal === undefined ? made.text : { response_action: 'push', view: refusedView(refusal, 'Back') };
}

/** What the policy refuses by the text alone. Where Slack is slow to say who is in which group, the answer comes as a message instead. */
async function refusalInTime(
  { command, text }: { command: Command; text: string },
  { user, channel }: { user: string; channel: string },
  tools: CommandTools,
): Promise<Refusal | undefined> {
  const asked = async () => {
    const { groups } = await tools.people.person(user);
    return refusedAtOnce(command, { user, groups: [...groups], channel, text }, tools);
  };
  const late = new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), PATIENCE_MS).unref());
  return Promise.race([asked().catch(() => undefined), late]);
}
