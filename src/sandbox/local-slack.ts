/** The Slack of the playground: the third-party emulator local-slack with its page, three people and a channel. */
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { SlackConfig } from '../config.ts';
import type { Policy } from '../core/policy.ts';
import { Fault } from '../errors.ts';
import { Secret } from '../secret.ts';
import { startChild } from './child-program.ts';
import { freePort } from './free-port.ts';

export interface LocalSlack {
  config: SlackConfig;
  page: string;
  stop(): Promise<void>;
}

export const CHANNEL = 'C0DOORS';
const BOT = {
  appId: 'A0DRAWBRIDGE',
  botUserId: 'U0DRAWBRIDGE',
  botName: 'drawbridge',
  botToken: 'xoxb-playground',
  appToken: 'xapp-playground',
};
const PEOPLE = [
  { id: 'U0ALICE', name: 'alice', real_name: 'Alice (asks)' },
  { id: 'U0BOB', name: 'bob', real_name: 'Bob (asks and approves)' },
  { id: 'U0CAROL', name: 'carol', real_name: 'Carol (may nothing)' },
  { id: 'U0DAVE', name: 'dave', real_name: 'Dave (approves)' },
];

/** Who may what on the playground: Alice asks, Bob asks and decides, Dave decides, Carol is refused. */
export const PLAYGROUND_ROLES: Pick<Policy, 'roles' | 'rights'> = {
  roles: {
    operators: { users: ['U0ALICE', 'U0BOB'], groups: [] },
    approvers: { users: ['U0BOB', 'U0DAVE'], groups: [] },
  },
  rights: { look: ['operators'], ask: ['operators'], approve: ['approvers'], panic: ['approvers'] },
};

/** The emulator's program, from the package for this platform; undefined where that is not installed. */
export function findLocalSlack(): string | undefined {
  const package_ = `local-slack-${process.platform}-${process.arch}`;
  try {
    const place = createRequire(import.meta.url).resolve(`${package_}/package.json`);
    return join(dirname(place), 'bin', 'local-slack');
  } catch {
    return undefined;
  }
}

/** @throws Fault part_missing with the command that helps */
export async function startLocalSlack(folder: string, firstPort: number): Promise<LocalSlack> {
  const program = findLocalSlack();
  if (program === undefined) {
    const how =
      'start `npx local-slack` and set SLACK_API_URL=http://localhost:3000/api/ with its tokens, or set SLACK_BOT_TOKEN and SLACK_APP_TOKEN of a real workspace';
    throw new Fault(
      'part_missing',
      `The emulator local-slack has no package for ${process.platform}-${process.arch} here; ${how}`,
    );
  }
  const port = await freePort(firstPort);
  const config = join(folder, 'local-slack.json');
  writeFileSync(config, JSON.stringify(workspace(), null, 2));
  const page = `http://localhost:${port}`;
  const args = ['--config', config, '--port', String(port), '--base-host', 'localhost'];
  const ready = async () => (await fetch(`${page}/_control/state`, { signal: AbortSignal.timeout(500) })).ok;
  const child = await startChild({
    program,
    args,
    ready,
    readyMs: 10_000,
    pidFile: join(folder, 'local-slack.pid'),
  });
  const { botToken, appToken } = BOT;
  return {
    config: { botToken: new Secret(botToken), appToken: new Secret(appToken), apiUrl: `${page}/api/` },
    page,
    stop: child.stop,
  };
}

function workspace(): object {
  const members = [...PEOPLE.map(({ id }) => id), BOT.botUserId];
  return {
    workspace: { name: 'Drawbridge playground', domain: 'playground', teamId: 'T0PLAY' },
    app: { ...BOT, mode: 'socket' },
    users: PEOPLE,
    channels: [{ id: CHANNEL, name: 'doors', members }],
  };
}
