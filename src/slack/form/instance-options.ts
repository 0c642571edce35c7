/** Instances as options of a picker. Pure. */
import { createHash } from 'node:crypto';
import { type PickedInstance, pickInstances, type SeenInstances } from '../../core/pick-instances.ts';
import type { Option } from '../bolt.ts';

/** Of an option's text, of its value, and of a group's label; 100 options at most (Slack, "Option object"). */
const LONGEST = 75;
export const MOST_OPTIONS = 100;

export interface InstanceOptions {
  options: Option[];
  /** Says that there are more; undefined when these are all. */
  label?: string;
}

/** The best 100 for what was typed. */
export function instanceOptions(seen: readonly SeenInstances[], typed: string): InstanceOptions {
  const { instances, more } = pickInstances(seen, typed, MOST_OPTIONS);
  const options = instances.map(instanceOption);
  return more === 0
    ? { options }
    : { options, label: `The first ${options.length} of ${options.length + more}: type on` };
}

/** `web1/blog · running` */
export function instanceOption(picked: PickedInstance): Option {
  const { host, name, status, silent } = picked;
  const state = silent ? `${status.toLowerCase()} when last seen` : status.toLowerCase();
  const tail = ` · ${plain(state, 30)}`;
  const text = plain(`${host}/${name}`, LONGEST - tail.length) + tail;
  return { text: { type: 'plain_text', text, emoji: false }, value: instanceValue(host, name) };
}

/** The name itself, or a digest of one that is too long for Slack. */
export function instanceValue(host: string, name: string): string {
  const whole = `${host}/${name}`;
  if (whole.length <= LONGEST) return whole;
  return `#${createHash('sha256').update(whole).digest('base64url')}`;
}

/** The instance behind the value of an option; undefined where there is none any more. */
export function instanceOf(
  value: string,
  seen: readonly SeenInstances[],
): { host: string; instance: string } | undefined {
  if (!value.startsWith('#')) {
    const [host = '', instance = ''] = value.split('/');
    return host === '' || instance === '' ? undefined : { host, instance };
  }
  for (const { host, instances } of seen) {
    const found = instances.find(({ name }) => instanceValue(host, name) === value);
    if (found !== undefined) return { host, instance: found.name };
  }
  return undefined;
}

/** Without control characters; what is too long loses its middle, for the end of a name tells most. */
function plain(text: string, most: number): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: cutting them out is the point
  const clean = text.replace(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069]+/g, '');
  if (clean.length <= most) return clean;
  const head = Math.floor((most - 1) / 3);
  return `${whole(clean.slice(0, head))}…${whole(clean.slice(head - most + 1))}`;
}

/** Without halves of characters at its ends. */
function whole(text: string): string {
  return text.replace(/[\ud800-\udbff]$/, '').replace(/^[\udc00-\udfff]/, '');
}
