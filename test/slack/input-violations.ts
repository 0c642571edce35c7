/** Slack's published limits of inputs in views ("Input block", "Block elements", "Option object"). */

interface Option {
  text?: { text?: string; type?: string };
  value?: string;
}
interface Element {
  type: string;
  action_id?: string;
  options?: Option[];
  initial_option?: Option;
  placeholder?: { text: string };
  max_length?: number;
}
export interface InputLike {
  type: string;
  block_id?: string;
  [key: string]: unknown;
}

/** What breaks them in one view; nothing for blocks that are no inputs. */
export function violationsOfInputs(blocks: readonly InputLike[]): string[] {
  const ids = blocks.map(({ block_id }) => block_id).filter((id) => id !== undefined);
  const twice = ids.length === new Set(ids).size ? [] : ['a block_id is there twice'];
  return [...twice, ...blocks.filter(({ type }) => type === 'input').flatMap(violationsOfInput)];
}

function violationsOfInput(block: InputLike): string[] {
  const found: string[] = [];
  const { label, hint, element, block_id } = block as unknown as {
    label: { text: string };
    hint?: { text: string };
    element: Element;
    block_id: string;
  };
  const check = (fine: boolean, what: string) => fine || found.push(`${block_id}: ${what}`);
  check(label.text.length > 0 && label.text.length <= 2_000, 'label');
  check((hint?.text.length ?? 1) > 0 && (hint?.text.length ?? 0) <= 2_000, 'hint');
  check((element.action_id ?? '').length > 0 && (element.action_id ?? '').length <= 255, 'action_id');
  check((element.placeholder?.text.length ?? 1) > 0, 'placeholder');
  check((element.placeholder?.text.length ?? 0) <= 150, 'placeholder');
  check((element.max_length ?? 1) >= 1 && (element.max_length ?? 1) <= 3_000, 'max_length');
  const isSelect = ['static_select', 'multi_static_select', 'checkboxes'].includes(element.type);
  const most = element.type === 'checkboxes' ? 10 : 100;
  if (isSelect)
    check((element.options ?? []).length >= 1 && (element.options ?? []).length <= most, 'options');
  found.push(...violationsOfOptions(element.options ?? []).map((what) => `${block_id}: ${what}`));
  const { initial_option: initial } = element;
  if (initial !== undefined && isSelect) {
    const same = (element.options ?? []).some((each) => JSON.stringify(each) === JSON.stringify(initial));
    check(same, 'initial_option is none of the options');
  }
  if (initial !== undefined) found.push(...violationsOfOptions([initial]));
  return found;
}

/** Of options in a select, or in the answer to one that asks for them. */
export function violationsOfOptions(options: readonly Option[]): string[] {
  const found: string[] = [];
  for (const { text, value } of options) {
    const words = text?.text ?? '';
    if (text?.type !== 'plain_text' || words === '' || words.length > 75)
      found.push(`option text “${words}”`);
    if ((value ?? '') === '' || (value ?? '').length > 75) found.push(`option value “${value}”`);
    // A half of a character cannot be sent.
    if (Buffer.from(words).toString() !== words) found.push('half a character in an option');
  }
  if (new Set(options.map(({ value }) => value)).size !== options.length)
    found.push('two options of one value');
  return found;
}
