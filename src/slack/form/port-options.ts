/** What was seen listening in the chosen instance, as the form shows it. Pure. */
import { harmless } from '../../core/commands/chat-text.ts';
import { portOf } from '../../core/request.ts';
import { speaks } from '../../core/speaks.ts';
import type { Listener } from '../../core/world.ts';
import type { ChosenInstance } from '../../records/forms.ts';
import type { Block, Option } from '../bolt.ts';
import { context } from '../views/block-texts.ts';
import { option, VALUE } from './form-fields.ts';
import { MOST_OPTIONS } from './instance-options.ts';

/** The ports as a picker; undefined where none is known. */
export function portInput(id: string, ports: ChosenInstance['ports']): Block | undefined {
  if (typeof ports === 'string' || ports.length === 0) return undefined;
  return {
    type: 'input',
    block_id: id,
    optional: true,
    label: { type: 'plain_text', text: 'Port that listens' },
    element: {
      type: 'static_select',
      action_id: VALUE,
      placeholder: { type: 'plain_text', text: 'Choose a port' },
      options: portOptions(ports).slice(0, MOST_OPTIONS),
    },
  };
}

/** How the look for ports goes. */
export function portsLine({ host, instance, ports }: ChosenInstance): Block[] {
  const name = `\`${harmless(`${host}/${instance}`, 150)}\``;
  if (ports === 'looking')
    return [context(`:hourglass_flowing_sand: Looking what listens in ${name}… You can type the port.`)];
  if (ports === 'late')
    return [context(`:warning: The host of ${name} does not answer in time. Type the port.`)];
  if (ports === 'unseen')
    return [context(`What listens in ${name} cannot be seen; perhaps it does not run. Type the port.`)];
  if (ports.length === 0)
    return [context(`Nothing listens in ${name} yet. Type the port that will be listened on.`)];
  const more = portOptions(ports).length - MOST_OPTIONS;
  return more > 0 ? [context(`${more} more ports listen in ${name}. Type one that is not listed.`)] : [];
}

/** Each port once; `5432 · inside only` where it listens on the loopback alone. */
function portOptions(ports: readonly Listener[]): Option[] {
  const names = [...new Set(ports.map(({ port, protocol }) => portOf(port, protocol)))];
  return names.map((name) => {
    const all = ports.filter(({ port, protocol }) => portOf(port, protocol) === name);
    const inside = all.every(({ address }) => address === '::1' || address.startsWith('127.'));
    const spoken = all[0]?.protocol === 'tcp' ? speaks(all[0].port) : undefined;
    const words = [name, spoken?.toUpperCase(), inside ? 'inside only' : undefined];
    return option(name, words.filter((word) => word !== undefined).join(' · '));
  });
}
