/** Fills in what is not configured, from the best that the machine has, and says what it took. Used by `npm start` only. */
import { join } from 'node:path';
import type { Config } from '../config.ts';
import { type FileConfig, type HostConfig, parseConfigFile } from '../config-file.ts';
import type { Log } from '../log.ts';
import { Secret } from '../secret.ts';
import { lockFolder } from './folder-lock.ts';
import { findLocalLxd } from './local-lxd.ts';
import { findRedis, startLocalRedis } from './local-redis.ts';
import { PLAYGROUND_ROLES, startLocalSlack } from './local-slack.ts';
import { createSandboxHost } from './lxd/lxd-host.ts';

export interface Embedded {
  config: Config;
  /** The page of the emulator; undefined with a real Slack. */
  page?: string;
  /** A line for each part that is a stand-in: what it is, and how to have the real one. */
  standIns: string[];
  /** In the order in which to stop. */
  stops: (() => Promise<unknown>)[];
}

/** Where the emulator's page is looked for a port first. */
const PAGE_PORT = 3000;

/** Completes the settings and starts what they then need. What was started is stopped again when a later part fails. */
export async function completeConfig(config: Config, log: Log): Promise<Embedded> {
  const lock = lockFolder(config.dataFolder);
  const embedded: Embedded = { config, standIns: [], stops: [async () => lock.release()] };
  try {
    await addRedis(embedded);
    await addHosts(embedded, log);
    await addSlack(embedded);
    return embedded;
  } catch (error) {
    for (const stop of embedded.stops) await stop().catch(() => undefined);
    throw error;
  }
}

async function addRedis(embedded: Embedded): Promise<void> {
  const { config } = embedded;
  if (config.redis !== undefined) return;
  const redis = await startLocalRedis({
    folder: config.dataFolder,
    program: await findRedis(config.searchPath),
  });
  embedded.stops.unshift(redis.stop);
  embedded.config = { ...config, redis: { url: new Secret(redis.url) } };
  const line =
    redis.kind === 'redis-server'
      ? `Redis: this machine’s redis-server, data in ${config.dataFolder}. For a shared one set REDIS_URL.`
      : 'Redis: a stand-in in this process, NOT DURABLE: everything is forgotten at the end. Install redis-server, or set REDIS_URL.';
  embedded.standIns.push(line);
}

/** Ports of the sandbox's doors: a user who is not root may not listen below 1024. */
const SANDBOX_PORTS = { from: 1024, to: 65_535 };

async function addHosts(embedded: Embedded, log: Log): Promise<void> {
  const file = embedded.config.file ?? emptyFile();
  if (Object.keys(file.hosts).length > 0) return;
  const socket = await findLocalLxd();
  const hosts: Record<string, HostConfig> = {};
  const more = 'For others name them in drawbridge.yaml (docs/drawbridge.example.yaml).';
  if (socket !== undefined) {
    hosts.local = { unix: socket, public_ports: { from: 1, to: 65_535 }, ssh_port: 22 };
    embedded.standIns.push(`LXD: this machine’s own, at ${socket}. ${more}`);
  } else {
    const folder = embedded.config.dataFolder;
    const own = join(folder, 'sandbox-lxd.sock');
    const sandbox = createSandboxHost({
      socket: own,
      publicAddress: '127.0.0.1',
      stateFile: join(folder, 'sandbox-lxd.json'),
      log,
    });
    await sandbox.start();
    embedded.stops.unshift(() => sandbox.stop());
    hosts.sandbox = { unix: own, public_address: '127.0.0.1', public_ports: SANDBOX_PORTS, ssh_port: 22 };
    embedded.standIns.push(
      `LXD: a stand-in with the instances blog, shop and db; its doors are real ports of 127.0.0.1. ${more}`,
    );
  }
  embedded.config = { ...embedded.config, file: { ...file, hosts } };
}

/** What a configuration file would say that lets people try things out. */
const PLAYGROUND_FILE = `
networks:
  here: [127.0.0.0/8]
  private: [10.0.0.0/8, 127.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16]
policy:
  private_networks: [private]
`;

function emptyFile(): FileConfig {
  const parsed = parseConfigFile(PLAYGROUND_FILE);
  if ('problems' in parsed) throw new Error(parsed.problems.join('; '));
  return parsed.config;
}

async function addSlack(embedded: Embedded): Promise<void> {
  const { config } = embedded;
  if (config.slack !== undefined || config.file === undefined) return;
  const slack = await startLocalSlack(config.dataFolder, PAGE_PORT);
  embedded.stops.unshift(slack.stop);
  embedded.page = slack.page;
  const policy = { ...config.file.policy, ...PLAYGROUND_ROLES };
  // The roles are those of the playground, so the file is not read again.
  const { configPath: _path, ...rest } = config;
  embedded.config = { ...rest, slack: slack.config, file: { ...config.file, policy } };
  embedded.standIns.push(
    'Slack: the emulator local-slack, with Alice, Bob, Carol and Dave in place of your roles. It listens on ALL interfaces without a password:' +
      ' for development only. For the real one set SLACK_BOT_TOKEN and SLACK_APP_TOKEN (README, “Your own Slack”).',
  );
}
