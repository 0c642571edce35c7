/** The form behind `expose`: while it loads, filled, refused. Pure. */
import { createHash } from 'node:crypto';
import type { SeenInstances } from '../../core/pick-instances.ts';
import { type Place, placeOnly } from '../../core/place.ts';
import type { Refusal } from '../../core/refusal.ts';
import type { Form } from '../../records/forms.ts';
import type { Block, ModalView } from '../bolt.ts';
import { refusalView, textView } from '../views/answer-view.ts';
import { context } from '../views/block-texts.ts';
import { FIELD, FOUND, LISTED, lastsInput, networksInput, roadInput, textInput } from './form-fields.ts';
import { instanceOption, instanceValue, MOST_OPTIONS } from './instance-options.ts';
import { portInput, portsLine } from './port-options.ts';

export const EXPOSE_FORM = 'expose_form';

/** At once, before anything is looked up. */
export function loadingView(place: Place): ModalView {
  return wordsView(':hourglass_flowing_sand: One moment…', place);
}

/** Instead of the form, or on top of it. @param close what stands on the button that closes it */
export function refusedView(refusal: Refusal, close: 'Close' | 'Back'): ModalView {
  return { ...frame(), close: { type: 'plain_text', text: close }, blocks: refusalView(refusal).blocks };
}

/** A word instead of the form. */
export function wordsView(text: string, place?: Place): ModalView {
  return { ...frame(place), blocks: textView(text).blocks };
}

/** @param seen of all hosts; empty for who may not look at instances */
export function formView(form: Form, seen: readonly SeenInstances[]): ModalView {
  const typed = needsName(form, seen);
  const { chosen, networks } = form;
  const ports = chosen === undefined ? undefined : portInput(idOfPorts(chosen), chosen.ports);
  return {
    ...frame(form.place),
    submit: { type: 'plain_text', text: 'Ask' },
    blocks: [
      ...hostsLine(form, seen),
      ...(hasAny(seen) ? [instanceInput(form, seen, typed)] : []),
      ...(typed ? [nameInput(!hasAny(seen))] : []),
      ...(chosen === undefined ? [] : portsLine(chosen)),
      ...(ports === undefined ? [] : [ports]),
      textInput(
        FIELD.typedPort,
        { label: ports === undefined ? 'Port' : 'Or another port', placeholder: '80, or 53/udp' },
        { optional: ports !== undefined, most: 20 },
      ),
      networksInput(networks),
      textInput(FIELD.cidrs, {
        label: 'Other networks',
        placeholder: '10.0.0.0/8, 198.51.100.7',
      }),
      lastsInput(),
      roadInput(),
      textInput(
        FIELD.publicSide,
        { label: 'Public port', placeholder: '8080, or 198.51.100.7:8080', hint: 'Left out, one is chosen.' },
        { most: 40 },
      ),
      textInput(FIELD.reason, { label: 'Reason, for those who decide' }, { lines: true }),
    ],
  };
}

/** The input for a name is there where a list alone may not have what is wanted, and where somebody may have typed into it already. */
export function needsName({ hosts, typed }: Form, seen: readonly SeenInstances[]): boolean {
  return typed === true || hosts === 'late' || !hasAny(seen) || seen.some(({ silent }) => silent === true);
}

function hasAny(seen: readonly SeenInstances[]): boolean {
  return seen.some(({ instances }) => instances.length > 0);
}

function frame(place?: Place): Omit<ModalView, 'blocks'> {
  return {
    type: 'modal',
    callback_id: EXPOSE_FORM,
    private_metadata: place === undefined ? '' : JSON.stringify(placeOnly(place)),
    title: { type: 'plain_text', text: 'Expose an instance' },
    close: { type: 'plain_text', text: 'Cancel' },
    notify_on_close: true,
  };
}

function hostsLine({ hosts, looks }: Form, seen: readonly SeenInstances[]): Block[] {
  if (!looks) return [context('You may not look at instances, so type the name of one.')];
  const silent = seen.filter((each) => each.silent).map(({ host }) => host);
  const named = silent.slice(0, 5).join(', ');
  const more = silent.length > 5 ? ` and ${silent.length - 5} more` : '';
  if (hosts === 'late')
    return [
      context(':warning: The hosts do not answer in time. What is listed is older; names can be typed.'),
    ];
  if (hosts === 'looking') return [context(':hourglass_flowing_sand: Looking at the hosts…')];
  if (silent.length > 0)
    return [
      context(`:warning: ${named}${more} did not answer. What is listed of it is older; names can be typed.`),
    ];
  if (!hasAny(seen)) return [context('No instances were seen.')];
  return [];
}

/** A list that came along is searched by Slack itself; a longer one by the bot, while somebody types. */
function instanceInput(form: Form, seen: readonly SeenInstances[], optional: boolean): Block {
  const all = seen.reduce((sum, { instances }) => sum + instances.length, 0);
  const placeholder = { type: 'plain_text', text: 'Choose an instance' } as const;
  const chosen = chosenOption(form, seen);
  const initial = chosen === undefined ? {} : { initial_option: chosen };
  return {
    type: 'input',
    block_id: FIELD.instance,
    dispatch_action: true,
    optional,
    label: { type: 'plain_text', text: 'Instance' },
    element:
      all > MOST_OPTIONS
        ? { type: 'external_select', action_id: FOUND, min_query_length: 0, placeholder, ...initial }
        : { type: 'static_select', action_id: LISTED, options: optionsOf(seen), placeholder, ...initial },
  };
}

function optionsOf(seen: readonly SeenInstances[]) {
  return seen.flatMap(({ host, instances, silent }) =>
    instances.map((instance) => instanceOption({ ...instance, host, ...(silent && { silent }) })),
  );
}

function chosenOption({ chosen }: Form, seen: readonly SeenInstances[]) {
  if (chosen === undefined) return undefined;
  const host = seen.find((each) => each.host === chosen.host);
  const instance = host?.instances.find(({ name }) => name === chosen.instance);
  if (host === undefined || instance === undefined) return undefined;
  return instanceOption({ ...instance, host: host.host, ...(host.silent && { silent: true }) });
}

function nameInput(alone: boolean): Block {
  return textInput(
    FIELD.typedInstance,
    { label: alone ? 'Instance' : 'Or its name', placeholder: 'web1/blog, or server:web' },
    { optional: !alone, most: 330 },
  );
}

/** Ports of another instance are another block: what was chosen of these does not count there. */
function idOfPorts({ host, instance }: { host: string; instance: string }): string {
  const digest = createHash('sha256').update(instanceValue(host, instance)).digest('base64url');
  return `${FIELD.port}${digest.slice(0, 16)}`;
}
