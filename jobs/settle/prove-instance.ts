/** Looks at an instance after the steps of its plan: whether it is as it was asked for. */
import type { WorkPlan } from '../../src/core/plan.ts';
import type { Proof } from '../../src/core/proof.ts';
import type { Thing } from '../../src/core/thing.ts';
import { isFault } from '../../src/errors.ts';
import type { LxdClient } from '../../src/lxd/client.ts';
import { addressOfState } from '../observe/address-of-state.ts';
import { clientOf } from '../thing-tools.ts';
import type { Tools } from '../tools.ts';

type About = Extract<Thing, { kind: 'instance' | 'power' | 'snapshot' | 'restored' }>;

/** undefined for plans whose last step is not about an instance. */
export async function proveInstance(
  { steps }: WorkPlan,
  tools: Pick<Tools, 'hosts'>,
  signal: AbortSignal,
): Promise<Proof | undefined> {
  const last = steps.at(-1);
  if (last === undefined || !isAboutInstance(last.thing)) return undefined;
  const { thing } = last;
  const client = await clientOf(thing.host, tools);
  const name = `${thing.host}/${thing.instance}`;
  try {
    if (thing.kind === 'snapshot') return await proveSnapshot(name, thing, client, signal);
    const state = await client.getInstanceState(thing.instance, signal);
    if (last.do === 'remove') return broken(name, `${name} is still there`);
    const wanted =
      thing.kind === 'restored'
        ? thing.running
          ? 'running'
          : 'stopped'
        : thing.kind === 'power'
          ? thing.wanted
          : 'stopped';
    const status = state.status.toLowerCase();
    if (status !== wanted) return broken(name, `${name} is ${status}`);
    const address = addressOfState(state);
    const runs = `${name} runs${address === undefined ? '' : ` at ${address}`}`;
    const back = thing.kind === 'restored' ? `; it is back at ${thing.snapshot}` : '';
    return { state: 'proven', seen: `${wanted === 'running' ? runs : `${name} is stopped`}${back}` };
  } catch (error) {
    if (!isFault(error, 'lxd_not_found')) throw error;
    return last.do === 'remove'
      ? { state: 'proven', seen: `${name} is deleted` }
      : broken(name, `${name} is gone`);
  }
}

async function proveSnapshot(
  name: string,
  { instance, snapshot }: Extract<About, { kind: 'snapshot' }>,
  client: LxdClient,
  signal: AbortSignal,
): Promise<Proof> {
  const all = await client.listSnapshots(instance, signal);
  if (!all.some((each) => each.name === snapshot)) return broken(name, `${name} has no snapshot ${snapshot}`);
  return {
    state: 'proven',
    seen: `${name} is kept as ${snapshot}; \`restore ${name} ${snapshot}\` brings it back`,
  };
}

function isAboutInstance(thing: Thing): thing is About {
  return ['instance', 'power', 'snapshot', 'restored'].includes(thing.kind);
}

function broken(name: string, seen: string): Proof {
  return { state: 'broken', seen, broken: { hop: name, next: `\`logs ${name}\` says more.` } };
}
