/** Bolt: the app and its words. The only file that knows Slack's SDK. */
import {
  App,
  type ExternalSelectAction,
  type Receiver,
  SocketModeReceiver,
  type StaticSelectAction,
  type types,
  webApi,
} from '@slack/bolt';
import type { SlackConfig } from '../config.ts';
import type { Log } from '../log.ts';

export {
  type AckFn,
  type App,
  type BlockAction,
  type BlockSuggestion,
  type ButtonAction,
  type GlobalShortcut,
  HTTPModuleFunctions,
  HTTPResponseAck,
  type MessageShortcut,
  type Receiver,
  type RespondFn,
  type ViewClosedAction,
  type ViewSubmitAction,
  verifySlackRequest,
} from '@slack/bolt';
export type Block = types.KnownBlock;
export type HomeView = types.HomeView;
export type ModalView = types.ModalView;
/** A choice in a select, whether its list came with the view or not. */
export type SelectAction = StaticSelectAction | ExternalSelectAction;
export type Option = types.PlainTextOption;
export type SlackClient = webApi.WebClient;

/** A message as Slack takes it: blocks, and a text for notifications and screen readers. */
export interface View {
  text: string;
  blocks: Block[];
}

/** The last touch on a message or view. */
export type Dress = <V extends object>(view: V) => V;

/** What is done to a message last: nothing for Slack; emulators show Slack's date tokens raw, so there they become plain text. */
export function dresserFor({ apiUrl }: SlackConfig): Dress {
  if (apiUrl === undefined) return (view) => view;
  return (view) => JSON.parse(JSON.stringify(view).replace(/<!date\^[^|>]*\|([^>]*)>/g, '$1')) as typeof view;
}

/** Every call ends by itself, is not repeated by the SDK and not delayed in silence: the outbox does both in the open. */
const CALLS = { retryConfig: { retries: 0 }, rejectRateLimitedCalls: true, timeout: 10_000 } as const;

/** The client for everything Drawbridge says by itself. */
export function createSlackClient(config: SlackConfig, log: Log): SlackClient {
  return new webApi.WebClient(config.botToken.reveal(), {
    ...clientOptionsOf(config),
    logger: boltLogger(log),
  });
}

/**
 * The app, not started. With an app token it connects by Socket Mode, else through `receiver`.
 */
export function createBoltApp(config: SlackConfig, log: Log, receiver?: Receiver): App {
  const logger = boltLogger(log);
  const clientOptions = clientOptionsOf(config);
  const socket =
    config.appToken === undefined
      ? undefined
      : new SocketModeReceiver({
          appToken: config.appToken.reveal(),
          logger,
          installerOptions: { clientOptions },
        });
  const chosen = socket ?? receiver;
  const botToken = config.botToken.reveal();
  return new App({
    // With `token` Bolt asks auth.test before it hands an event on, so that nothing is acked while Slack's API is away.
    authorize: async () => ({ botToken }),
    logger,
    clientOptions,
    ...(chosen !== undefined && { receiver: chosen }),
  });
}

function clientOptionsOf({ apiUrl }: SlackConfig) {
  return { ...CALLS, ...(apiUrl !== undefined && { slackApiUrl: apiUrl }) };
}

/** What went wrong with a Web API call, in the outbox's words. */
export type SlackTrouble =
  | { kind: 'slow_down'; restMs: number }
  | { kind: 'refused'; error: string }
  | { kind: 'unreachable'; why: string };

/** Error codes of Slack that pass by themselves (its error reference, "Common errors"). */
const PASSING = new Set([
  'internal_error',
  'fatal_error',
  'service_unavailable',
  'request_timeout',
  'ratelimited',
]);

/** Sorts an error that a call threw. */
export function troubleOf(error: unknown): SlackTrouble {
  const { code, data, retryAfter, message } = error as {
    code?: string;
    data?: { error?: string };
    retryAfter?: number;
    message?: string;
  };
  if (code === webApi.ErrorCode.RateLimitedError)
    return { kind: 'slow_down', restMs: (retryAfter ?? 1) * 1_000 };
  const said = data?.error;
  if (code === webApi.ErrorCode.PlatformError && said !== undefined && !PASSING.has(said))
    return { kind: 'refused', error: said };
  return { kind: 'unreachable', why: said ?? message ?? String(error) };
}

type BoltLogger = NonNullable<ConstructorParameters<typeof App>[0]>['logger'];

/** Bolt's logger on top of ours. Its levels follow ours, so setting them does nothing. */
function boltLogger(log: Log): NonNullable<BoltLogger> {
  const child = log.child({ room: 'bolt' });
  const say =
    (level: 'debug' | 'info' | 'warn' | 'error') =>
    (...words: unknown[]) =>
      child[level](words.map(String).join(' '));
  return {
    debug: say('debug'),
    info: say('debug'),
    warn: say('warn'),
    error: say('error'),
    setLevel: () => {},
    getLevel: () => 'info' as ReturnType<NonNullable<BoltLogger>['getLevel']>,
    setName: () => {},
  };
}
