/** The pretended LXD's stream of lifecycle events: a websocket that tells what was changed. Only ever speaks (RFC 6455). */
import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { BRIDGE, type LxdState } from './lxd-state.ts';

/** What was changed, in LXD's words. */
export interface Change {
  action: string;
  source: string;
}

export interface LxdEvents {
  /** Answers the opening of a websocket at `/1.0/events`. */
  follow(request: IncomingMessage, stream: Duplex): void;
  tell(changes: readonly Change[]): void;
  stop(): void;
}

/** RFC 6455, 1.3: what proves that the other side speaks the protocol. */
const PROOF = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const TEXT = 0x81;
const CLOSE = 0x88;

export function createEvents(): LxdEvents {
  const streams = new Set<Duplex>();
  return {
    follow(request, stream) {
      const key = request.headers['sec-websocket-key'];
      if (!request.url?.startsWith('/1.0/events') || key === undefined) {
        stream.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n');
        return;
      }
      const accept = createHash('sha1').update(`${key}${PROOF}`).digest('base64');
      const lines = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade'];
      stream.write(`${[...lines, `Sec-WebSocket-Accept: ${accept}`].join('\r\n')}\r\n\r\n`);
      streams.add(stream);
      const forget = (): void => void streams.delete(stream);
      stream.on('close', forget).on('error', forget);
      // The only thing that the other side has to say is that it goes.
      stream.on('data', (chunk: Buffer) => {
        if (((chunk[0] ?? 0) & 0x0f) === 8) stream.end(frame(CLOSE, ''));
      });
    },
    tell(changes) {
      for (const metadata of changes) {
        const timestamp = new Date().toISOString();
        const event = { type: 'lifecycle', timestamp, metadata, location: 'none', project: 'default' };
        for (const stream of streams) stream.write(frame(TEXT, JSON.stringify(event)));
      }
    },
    stop() {
      for (const stream of streams) stream.destroy();
    },
  };
}

/** One frame of a server: whole and unmasked. */
function frame(kind: number, text: string): Buffer {
  const body = Buffer.from(text);
  if (body.length < 126) return Buffer.concat([Buffer.from([kind, body.length]), body]);
  return Buffer.concat([Buffer.from([kind, 126, body.length >> 8, body.length & 0xff]), body]);
}

/** What tells one state from the next. */
export function changesBetween(before: LxdState, after: LxdState): Change[] {
  const forwards = ({ forwards: all }: LxdState) =>
    new Map(all.map((each) => [`networks/${BRIDGE}/forwards/${each.listen_address}`, each]));
  const acls = ({ acls: all }: LxdState) => new Map(all.map((each) => [`network-acls/${each.name}`, each]));
  const instances = ({ instances: all }: LxdState) =>
    new Map(all.map(({ running: _, ...each }) => [`instances/${each.name}`, each]));
  return [
    ...differ('network-forward', forwards(before), forwards(after)),
    ...differ('network-acl', acls(before), acls(after)),
    ...differ(
      'network',
      new Map([[`networks/${BRIDGE}`, before.network]]),
      new Map([[`networks/${BRIDGE}`, after.network]]),
    ),
    ...differ('instance', instances(before), instances(after)),
    ...powered(before, after),
  ];
}

function differ(
  kind: string,
  before: ReadonlyMap<string, object>,
  after: ReadonlyMap<string, object>,
): Change[] {
  const changes: Change[] = [];
  for (const [path, now] of after) {
    const was = before.get(path);
    if (was === undefined) changes.push({ action: `${kind}-created`, source: `/1.0/${path}` });
    else if (JSON.stringify(was) !== JSON.stringify(now))
      changes.push({ action: `${kind}-updated`, source: `/1.0/${path}` });
  }
  for (const path of before.keys())
    if (!after.has(path)) changes.push({ action: `${kind}-deleted`, source: `/1.0/${path}` });
  return changes;
}

function powered(before: LxdState, after: LxdState): Change[] {
  return after.instances.flatMap(({ name, running }) => {
    const was = before.instances.find((each) => each.name === name);
    if (was === undefined || was.running === running) return [];
    return [{ action: running ? 'instance-started' : 'instance-stopped', source: `/1.0/instances/${name}` }];
  });
}
