/** Environment and configuration file -> one readonly Config. The only reader of process.env. */
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import type { CloudAccess } from './cloud-access.ts';
import { cloudEnvironment, cloudSettings } from './cloud-settings.ts';
import { type FileConfig, parseConfigFile } from './config-file.ts';
import { Fault } from './errors.ts';
import { type RedisConfig, redisEnvironment, redisOf, redisProblems } from './redis-settings.ts';
import { Secret } from './secret.ts';

export type { RedisConfig } from './redis-settings.ts';

/** How Slack is reached. With an app token by Socket Mode, else by HTTP with the signing secret. */
export interface SlackConfig {
  botToken: Secret;
  appToken?: Secret;
  signingSecret?: Secret;
  /** Another Web API than Slack's own, for tests and the playground. */
  apiUrl?: string;
}

export interface Config {
  slack?: SlackConfig;
  redis?: RedisConfig;
  /** Before every key, in braces so that a Redis Cluster keeps them together. */
  prefix: string;
  dataFolder: string;
  /** PATH: where programs are looked for. */
  searchPath: string;
  /** undefined: 3000, or the next free one where that is taken. */
  port?: number;
  log: { level: string; readable: boolean };
  /** undefined: there is no configuration file. */
  file?: FileConfig;
  /** Where that stands, to be read again when it changes. */
  configPath?: string;
  /** By the names of the file's clouds; empty for a process that asks for none. */
  clouds: Readonly<Record<string, CloudAccess>>;
}

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

export const environment = z.object({
  SLACK_BOT_TOKEN: z.string().startsWith('xoxb-', 'a bot token begins with xoxb-').optional(),
  SLACK_APP_TOKEN: z.string().startsWith('xapp-', 'an app-level token begins with xapp-').optional(),
  SLACK_SIGNING_SECRET: z
    .string()
    .min(8, 'that is too short: “Basic Information” of the Slack app shows it')
    .optional(),
  SLACK_API_URL: z.url({ protocol: /^https?$/, error: 'write http://… or https://…' }).optional(),
  ...redisEnvironment,
  DRAWBRIDGE_PREFIX: z
    .string()
    .regex(/^[\w-]+$/, 'letters, digits, dashes')
    .default('drawbridge'),
  DRAWBRIDGE_CONFIG: z.string().optional(),
  DRAWBRIDGE_DATA: z.string().optional(),
  PATH: z.string().default(''),
  PORT: z
    .string()
    .regex(/^\d{1,5}$/, 'write a number from 0 to 65535')
    .transform(Number)
    .refine((port) => port <= 65_535, 'write a number from 0 to 65535')
    .optional(),
  LOG_LEVEL: z.enum(LEVELS, { error: `write one of ${LEVELS.join(', ')}` }).default('info'),
  ...cloudEnvironment,
  LOG_FORMAT: z.enum(['json', 'readable'], { error: 'write json or readable' }).optional(),
});

/** The names of all variables that are read. */
export const SETTINGS: readonly string[] = Object.keys(environment.shape);

/**
 * Reads settings. Empty variables count as absent.
 * @param env process.env by default; tests pass their own
 * @param needs what the process does without needs not be there, and is not read: the bot has no key to a cloud
 * @throws Fault config_invalid with every problem and its remedy in one message
 */
export function loadConfig(
  env: Readonly<Record<string, string | undefined>> = process.env,
  needs: { clouds: boolean } = { clouds: true },
): Config {
  const filled = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = environment.safeParse(filled);
  const problems = parsed.success
    ? []
    : parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  const configPath = resolve(filled.DRAWBRIDGE_CONFIG ?? 'drawbridge.yaml');
  const file = readFile(configPath, filled.DRAWBRIDGE_CONFIG !== undefined, problems);
  problems.push(...missingOf(filled), ...redisProblems(filled));
  const clouds = cloudSettings(needs.clouds ? (file?.clouds ?? {}) : {}, filled, problems);
  if (!parsed.success || problems.length > 0) {
    throw new Fault(
      'config_invalid',
      `The settings do not fit:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`,
    );
  }
  return { ...assemble(parsed.data, file), ...(file && { configPath }), clouds };
}

type Environment = z.infer<typeof environment>;

function missingOf(env: Readonly<Record<string, string | undefined>>): string[] {
  const problems: string[] = [];
  if (
    env.SLACK_BOT_TOKEN !== undefined &&
    env.SLACK_APP_TOKEN === undefined &&
    env.SLACK_SIGNING_SECRET === undefined
  ) {
    problems.push(
      'SLACK_BOT_TOKEN alone is not enough: set SLACK_APP_TOKEN (Socket Mode) or SLACK_SIGNING_SECRET (HTTP)',
    );
  }
  if (env.SLACK_BOT_TOKEN === undefined && (env.SLACK_APP_TOKEN ?? env.SLACK_SIGNING_SECRET) !== undefined) {
    problems.push(
      'SLACK_BOT_TOKEN is missing: “OAuth & Permissions” of the Slack app shows it after the app is installed',
    );
  }
  return problems;
}

/** @param named whether somebody said that it is there */
function readFile(place: string, named: boolean, problems: string[]): FileConfig | undefined {
  let text: string;
  try {
    text = readFileSync(place, 'utf8');
  } catch (error) {
    if (!named) return undefined;
    problems.push(
      `DRAWBRIDGE_CONFIG: ${place} cannot be read (${error instanceof Error ? error.message : error})`,
    );
    return undefined;
  }
  const parsed = parseConfigFile(text);
  if ('config' in parsed) return parsed.config;
  problems.push(...parsed.problems.map((problem) => `${place}: ${problem}`));
  return undefined;
}

function assemble(env: Environment, file: FileConfig | undefined): Omit<Config, 'clouds'> {
  const slack = slackOf(env);
  const redis = redisOf(env);
  return {
    ...(slack && { slack }),
    ...(redis && { redis }),
    prefix: `{${env.DRAWBRIDGE_PREFIX}}`,
    dataFolder: env.DRAWBRIDGE_DATA ?? join(homedir(), '.local', 'state', 'drawbridge'),
    searchPath: env.PATH,
    ...(env.PORT !== undefined && { port: env.PORT }),
    log: {
      level: env.LOG_LEVEL,
      readable: env.LOG_FORMAT === undefined ? process.stdout.isTTY === true : env.LOG_FORMAT === 'readable',
    },
    ...(file && { file }),
  };
}

function slackOf(env: Environment): SlackConfig | undefined {
  if (env.SLACK_BOT_TOKEN === undefined) return undefined;
  return {
    botToken: new Secret(env.SLACK_BOT_TOKEN),
    ...(env.SLACK_APP_TOKEN !== undefined && { appToken: new Secret(env.SLACK_APP_TOKEN) }),
    ...(env.SLACK_SIGNING_SECRET !== undefined && { signingSecret: new Secret(env.SLACK_SIGNING_SECRET) }),
    ...(env.SLACK_API_URL !== undefined && { apiUrl: env.SLACK_API_URL }),
  };
}
