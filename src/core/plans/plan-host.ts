/** Plans what is done with hosts that exist: taking in and draining. Pure. */
import { doorsInWords } from '../names.ts';
import { makeWorkPlan, type Step, type WorkPlan } from '../plan.ts';
import { type Refusal, refuse } from '../refusal.ts';
import type { HostAdoptCommand, HostDrainCommand } from '../request.ts';
import type { StandingDoor } from '../tags/standing-doors.ts';
import type { HostAccess } from '../thing.ts';
import { closingSteps } from './plan-unexpose.ts';

/** A host that was knocked at before it is taken in. */
export interface AdoptWorld {
  access: HostAccess & { hostKey: string };
  /** `LXD 5.0.2` */
  says: string;
  instances: number;
  /** The server, where it is one. */
  server?: { cloud: string; id: string; name: string };
  /** The console of the server said the same key; else it was only seen on the way. */
  keyConfirmed: boolean;
}

export function planHostAdopt({ name }: HostAdoptCommand, world: AdoptWorld): WorkPlan {
  const { access, server, keyConfirmed } = world;
  const where = `${access.address}:${access.port}`;
  const trust = keyConfirmed
    ? `its host key ${access.hostKey}, which its console said too`
    : `its host key ${access.hostKey}, which was only seen on the way: compare it on the host with \`ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub\``;
  return makeWorkPlan({
    action: 'host adopt',
    subject: `host ${name}`,
    summary: `takes in ${name} at ${where} (${world.says}, ${world.instances} instances)`,
    risk: 'Drawbridge would trust this machine, and act on its LXD as root',
    steps: [
      {
        do: 'put',
        thing: {
          kind: 'known_host',
          host: name,
          access,
          user: access.user,
          ...(server !== undefined && { cloud: server.cloud, server: server.id }),
        },
      },
    ],
    closes: [],
    approvals: 1,
    why: [`what is trusted: ${trust}`, `Drawbridge logs in as ${access.user} and opens ${access.socket}`],
    warnings: keyConfirmed
      ? []
      : ['whoever could stand between Drawbridge and the host could have shown another key'],
  });
}

/** @param doors the doors that stand on the host */
export function planHostDrain(
  { name, off }: HostDrainCommand,
  doors: readonly StandingDoor[],
  drained: boolean,
): WorkPlan | Refusal {
  const thing = { kind: 'drained', host: name } as const;
  const base = {
    action: 'host drain',
    subject: `host ${name}`,
    approvals: 1,
    why: [],
    warnings: [],
  } as const;
  if (off === true) {
    if (!drained) return refuse('nothing_to_do', `${name} is not drained.`);
    const summary = `places doors and instances on ${name} again`;
    return makeWorkPlan({
      ...base,
      why: [],
      warnings: [],
      summary,
      steps: [{ do: 'remove', thing }],
      closes: [],
    });
  }
  if (drained && doors.length === 0)
    return refuse(
      'nothing_to_do',
      `${name} is drained already.`,
      `\`host drain ${name} off\` takes that back.`,
    );
  return makeWorkPlan({
    ...base,
    why: [],
    warnings: doors.length === 0 ? [] : ['connections that are open now live on until they end'],
    summary: `places nothing more on ${name} and closes its ${doorsInWords(doors)}`,
    risk: `it closes ${doorsInWords(doors)}`,
    steps: [{ do: 'put', thing }, ...closeAll(doors)],
    closes: doors.map(({ door }) => door),
  });
}

/** Every door from the outside in. */
export function closeAll(doors: readonly StandingDoor[]): Step[] {
  return doors.flatMap((standing) =>
    closingSteps(standing).map((step) => ({ ...step, door: standing.door })),
  );
}
