/** The inputs of the form behind `expose`: their ids, labels and options. Pure. */
import { ROAD_NAMES, type RoadName } from '../../core/request.ts';
import type { Block, Option } from '../bolt.ts';
import { cut } from '../views/block-texts.ts';

/** Ids of blocks; Slack keeps what was filled in where the id stays the same. */
export const FIELD = {
  instance: 'instance',
  typedInstance: 'typed_instance',
  /** Of the ports of one instance; a digest of its name follows. */
  port: 'port-',
  typedPort: 'typed_port',
  networks: 'networks',
  cidrs: 'cidrs',
  lasts: 'lasts',
  road: 'road',
  publicSide: 'public_side',
  reason: 'reason',
} as const;
/** What a person types or chooses in a block. */
export const VALUE = 'value';
/** The instance, from a list that came with the form, or from one that is asked for while somebody types. */
export const LISTED = 'instance_listed';
export const FOUND = 'instance_found';
/** The value of an option that says nothing, where something has to be chosen. */
export const NONE = '-';
export const ANYONE_OPTION = 'anyone';

/** Checkboxes may be ten (Slack, "Checkboxes element"), selects a hundred. */
const MOST_BOXES = 10;
const MOST_OPTIONS = 100;

const ROADS: Readonly<Record<Exclude<RoadName, 'server'>, string>> = {
  forward: 'in the kernel',
  proxy: 'in the kernel, by nat',
  'fip-port': 'port of a floating IP',
  userspace: 'copies bytes',
  routed: 'an address of its own',
  port: 'a port of the cloud',
  bridged: 'on the host’s network',
  lan: 'on the LAN',
};
/** Words of `for`, and what they say. */
const LASTS = { [NONE]: 'No end', '1h': '1 hour', '4h': '4 hours', '1d': '1 day', '7d': '1 week' };

export function option(value: string, text: string): Option {
  return { value, text: { type: 'plain_text', text: cut(text, 75), emoji: false } };
}

/** One line of text. */
export function textInput(
  id: string,
  words: { label: string; placeholder?: string; hint?: string },
  { optional = true, most = 300, lines = false } = {},
): Block {
  const { label, placeholder, hint } = words;
  return {
    type: 'input',
    block_id: id,
    optional,
    label: { type: 'plain_text', text: label },
    ...(hint !== undefined && { hint: { type: 'plain_text', text: hint } }),
    element: {
      type: 'plain_text_input',
      action_id: VALUE,
      max_length: most,
      ...(lines && { multiline: true }),
      ...(placeholder !== undefined && { placeholder: { type: 'plain_text', text: placeholder } }),
    },
  };
}

/** One of a list, the first where nothing is chosen. */
export function selectInput(id: string, label: string, options: Option[], first: Option): Block {
  return {
    type: 'input',
    block_id: id,
    optional: true,
    label: { type: 'plain_text', text: label },
    element: {
      type: 'static_select',
      action_id: VALUE,
      placeholder: first.text,
      options,
      initial_option: first,
    },
  };
}

/** Boxes where they fit, for they are read at a glance. */
export function networksInput(networks: readonly string[]): Block {
  const anyone = option(ANYONE_OPTION, 'Anyone');
  const usable = networks.filter((name) => name.length <= 75);
  const options = [anyone, ...usable.map((name) => option(name, name))];
  const boxes = options.length <= MOST_BOXES;
  const left = options.length - MOST_OPTIONS;
  return {
    type: 'input',
    block_id: FIELD.networks,
    optional: true,
    label: { type: 'plain_text', text: 'Who may come in' },
    hint: {
      type: 'plain_text',
      text: left > 0 ? `${left} more names may be typed below.` : 'Nothing chosen or typed means anyone.',
    },
    element: boxes
      ? { type: 'checkboxes', action_id: VALUE, options }
      : {
          type: 'multi_static_select',
          action_id: VALUE,
          placeholder: { type: 'plain_text', text: 'Anyone' },
          options: options.slice(0, MOST_OPTIONS),
        },
  };
}

/** The best road, or one of them. */
export function roadInput(): Block {
  const best = option(NONE, 'The best one');
  const roads = ROAD_NAMES.filter((name) => name !== 'server');
  const options = roads.map((name) => option(name, `${name} · ${ROADS[name]}`));
  return selectInput(FIELD.road, 'Road', [best, ...options], best);
}

/** How long it stays open. */
export function lastsInput(): Block {
  const options = Object.entries(LASTS).map(([value, text]) => option(value, text));
  return selectInput(FIELD.lasts, 'How long', options, option(NONE, LASTS[NONE]));
}
