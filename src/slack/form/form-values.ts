/** What stands in the form behind `expose` when it is sent. Pure. */
import type { ExposeFields, FieldName } from '../../core/commands/expose-text.ts';
import type { SeenInstances } from '../../core/pick-instances.ts';
import type { Refusal } from '../../core/refusal.ts';
import { modalErrors } from '../views/command-modal.ts';
import { ANYONE_OPTION, FIELD, FOUND, LISTED, NONE, VALUE } from './form-fields.ts';
import { instanceOf } from './instance-options.ts';

interface Filled {
  value?: string | null;
  selected_option?: { value: string } | null;
  selected_options?: { value: string }[] | null;
}

/** `state.values` of a view: by block and action. */
export type FormState = Record<string, Record<string, Filled>>;

/** The fields, or what speaks against them by the id of its block. @param seen where long names are looked up */
export function formValues(
  state: FormState,
  seen: readonly SeenInstances[],
): { fields: ExposeFields } | { errors: Record<string, string> } {
  const instance = instanceIn(state, seen);
  const [name, port, other] = [
    typed(state, FIELD.typedInstance),
    portIn(state),
    typed(state, FIELD.typedPort),
  ];
  const networks = (state[FIELD.networks]?.[VALUE]?.selected_options ?? []).map(({ value }) => value);
  const cidrs = typed(state, FIELD.cidrs);
  const anyone = networks.includes(ANYONE_OPTION);
  const errors = {
    ...(instance !== '' &&
      name !== '' && { [FIELD.typedInstance]: 'Choose one above or type one, not both.' }),
    ...(port !== '' && other !== '' && { [FIELD.typedPort]: 'Choose one above or type one, not both.' }),
    ...(anyone && networks.length > 1 && { [FIELD.networks]: 'Anyone, or some of the networks; not both.' }),
    ...(anyone && cidrs !== '' && { [FIELD.cidrs]: '“Anyone” is chosen above; leave this out, or that.' }),
  };
  if (Object.keys(errors).length > 0) return { errors };
  const fields = {
    instance: instance || name,
    port: port || other,
    as: typed(state, FIELD.publicSide),
    from: [...networks, cidrs].join(' ').trim(),
    via: chosen(state, FIELD.road),
    for: chosen(state, FIELD.lasts),
    because: typed(state, FIELD.reason),
  };
  return { fields };
}

/** Under which block a refusal of a field is shown. Slack knows errors of blocks that are there only. */
export function fieldErrors(field: FieldName, refusal: Refusal, state: FormState): Record<string, string> {
  const blocks: Record<FieldName, string[]> = {
    instance: [FIELD.typedInstance, FIELD.instance],
    port: [FIELD.typedPort],
    as: [FIELD.publicSide],
    from: [FIELD.cidrs],
    via: [FIELD.road],
    for: [FIELD.lasts],
    because: [FIELD.reason],
  };
  const id = blocks[field].find((block) => block in state) ?? FIELD.typedPort;
  return { [id]: Object.values(modalErrors(refusal))[0] ?? refusal.message };
}

/** True where the name of the instance was too long for an option, and has to be looked up. */
export function needsInventory(state: FormState): boolean {
  return optionIn(state)?.startsWith('#') === true;
}

function optionIn(state: FormState): string | undefined {
  const values = state[FIELD.instance] ?? {};
  return (values[LISTED] ?? values[FOUND])?.selected_option?.value;
}

function instanceIn(state: FormState, seen: readonly SeenInstances[]): string {
  const value = optionIn(state);
  const found = value === undefined ? undefined : instanceOf(value, seen);
  return found === undefined ? '' : `${found.host}/${found.instance}`;
}

function portIn(state: FormState): string {
  const id = Object.keys(state).find((block) => block.startsWith(FIELD.port));
  return id === undefined ? '' : (state[id]?.[VALUE]?.selected_option?.value ?? '');
}

function chosen(state: FormState, id: string): string {
  const value = state[id]?.[VALUE]?.selected_option?.value ?? NONE;
  return value === NONE ? '' : value;
}

function typed(state: FormState, id: string): string {
  return state[id]?.[VALUE]?.value?.trim() ?? '';
}
