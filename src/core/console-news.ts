/** Reads what a booting host says on its console: its host keys, how far it is, whether it failed. Pure. */
import { createHash } from 'node:crypto';
import { CONSOLE_MARK } from './cloud-init.ts';

export interface ConsoleNews {
  /** `SHA256:…` of the key that SSH will show. */
  hostKey?: string;
  /** The last phase that was said. */
  phase?: string;
  failed?: string;
}

/** In the order in which an SSH client without further wishes takes them. */
const KINDS = ['ssh-ed25519', 'ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521', 'ssh-rsa'];

/** @param text the console's last lines; carriage returns and kernel messages in between do not matter */
export function readConsole(text: string): ConsoleNews {
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  const said = lines.flatMap((line) => {
    const at = line.indexOf(`${CONSOLE_MARK} `);
    return at < 0 ? [] : [line.slice(at + CONSOLE_MARK.length + 1)];
  });
  const phase = said.findLast((line) => line.startsWith('phase '))?.slice('phase '.length);
  const failed = said.findLast((line) => line.startsWith('failed '));
  // Keys are said before phases: without a phase the console may have been read between two keys, and SSH shows the best of them.
  const own = phase === undefined ? [] : said.flatMap((line) => keyIn(line.replace(/^host key /, '')));
  const keys = [...own, ...cloudInitKeys(lines)];
  const key = KINDS.map((kind) => keys.find((each) => each.kind === kind)).find((each) => each !== undefined);
  return {
    ...(key !== undefined && { hostKey: fingerprint(key.blob) }),
    ...(phase !== undefined && { phase }),
    ...(failed !== undefined && { failed }),
  };
}

/** cloud-init's own block, for servers that were not made by Drawbridge (its module keys_to_console). */
function cloudInitKeys(lines: readonly string[]): { kind: string; blob: string }[] {
  const begin = lines.findLastIndex((line) => line.includes('BEGIN SSH HOST KEY KEYS'));
  if (begin < 0) return [];
  const end = lines.findIndex((line, index) => index > begin && line.includes('END SSH HOST KEY KEYS'));
  return end < 0 ? [] : lines.slice(begin + 1, end).flatMap(keyIn);
}

function keyIn(line: string): { kind: string; blob: string }[] {
  const [, kind = '', blob = ''] = /((?:ssh|ecdsa)-[a-z0-9-]+) ([A-Za-z0-9+/]{40,}={0,2})/.exec(line) ?? [];
  return KINDS.includes(kind) ? [{ kind, blob }] : [];
}

/** As `ssh-keygen -lf` prints it (RFC 4253 key blob, SHA-256, base64 without padding). */
function fingerprint(blob: string): string {
  return `SHA256:${createHash('sha256').update(Buffer.from(blob, 'base64')).digest('base64').replace(/=+$/, '')}`;
}
