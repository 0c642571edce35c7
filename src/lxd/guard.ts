/** Speaks to the guard of one host: a program that runs there through SSH, takes elements of sets and prints what it guards (nft(8), libnftables-json(5)). */
import { z } from 'zod';
import { Fault, messageOf, plainWords } from '../errors.ts';
import { openSsh } from './ssh.ts';
import type { SshTransport } from './transport.ts';

/** One door that is guarded. */
export interface GuardListed {
  door: string;
  address: string;
  protocol: 'tcp' | 'udp';
  port: number;
  /** CIDRs that are let in now. */
  sources: string[];
  /** How long they still are, in seconds; absent: without end. */
  endsInSeconds?: number;
}

/** What is guarded, sorted by door. */
export interface GuardListing {
  doors: GuardListed[];
}

export interface Guard {
  /** @throws Fault as `apply` */
  read(): Promise<GuardListing>;
  /**
   * Carries out all lines or none, and answers what is guarded then. No lines: only looks.
   * @throws Fault lxd_unreachable and its like of SSH; guard_failed when the program is not there, may not run or refuses the lines
   */
  apply(lines: readonly string[], signal?: AbortSignal): Promise<GuardListing>;
  close(): void;
}

const element = z.union([
  z.object({ concat: z.array(z.unknown()) }).transform(({ concat }) => ({ concat })),
  z
    .object({
      elem: z.object({
        val: z.object({ concat: z.array(z.unknown()) }),
        expires: z.number().optional(),
        comment: z.string().optional(),
      }),
    })
    .transform(({ elem: { val, expires, comment } }) => ({ concat: val.concat, expires, comment })),
]);
type Element = { concat: unknown[]; expires?: number | undefined; comment?: string | undefined };
const listing = z.object({
  nftables: z.array(
    z.looseObject({ set: z.looseObject({ name: z.string(), elem: z.array(element).optional() }).optional() }),
  ),
});
const prefix = z.object({ prefix: z.object({ addr: z.string(), len: z.number() }) });

/** @param command what is asked for; a key with a forced command runs that instead */
export function createGuard(host: string, config: SshTransport, command: string): Guard {
  const ssh = openSsh(config);
  const once = async (lines: readonly string[], signal?: AbortSignal): Promise<GuardListing> => {
    const { code, said, errors } = await ssh.run(command, lines.map((line) => `${line}\n`).join(''), signal);
    if (code === 0) return worldOf(host, said);
    const words =
      errors.trim().slice(0, 300) || said.trim().slice(0, 300) || `nothing, and ends with ${code}`;
    throw new Fault('guard_failed', `the guard of ${host} says: ${plainWords(words)}`);
  };
  // One after the other: sshd lets ten sessions into a connection (sshd_config(5), MaxSessions), and the program takes turns anyway.
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = (work: () => Promise<GuardListing>): Promise<GuardListing> => {
    const mine = last.then(work);
    last = mine.catch(() => {});
    return mine;
  };
  // A look that has not begun is everybody's who wants one.
  let next: Promise<GuardListing> | undefined;
  const read = (): Promise<GuardListing> => {
    next ??= inTurn(() => {
      next = undefined;
      return once([]);
    });
    return next;
  };
  return { read, apply: (lines, signal) => inTurn(() => once(lines, signal)), close: ssh.close };
}

function worldOf(host: string, text: string): GuardListing {
  let sets: Map<string, Element[]>;
  try {
    const { nftables } = listing.parse(JSON.parse(text));
    sets = new Map(
      nftables.flatMap(({ set }) => (set === undefined ? [] : [[set.name, set.elem ?? []] as const])),
    );
  } catch (error) {
    throw new Fault('guard_failed', `the guard of ${host} answers what is no table of nftables`, {
      cause: messageOf(error),
    });
  }
  const allowed = sets.get('allowed') ?? [];
  const doors = (sets.get('guarded') ?? []).flatMap((each) => doorOf(each, allowed));
  return { doors: doors.sort((a, b) => a.door.localeCompare(b.door)) };
}

/** One that was closed has no comment any more. */
function doorOf({ concat, comment: door }: Element, allowed: readonly Element[]): GuardListed[] {
  if (door === undefined) return [];
  const [address, protocol, port] = concat.map(String);
  const own = allowed.filter(
    ({ concat: [to, by, at] }) => to === concat[0] && by === concat[1] && at === concat[2],
  );
  const ends = own.flatMap(({ expires }) => (expires === undefined ? [] : [expires]));
  return [
    {
      door,
      address: address ?? '',
      protocol: protocol === 'udp' ? 'udp' : 'tcp',
      port: Number(port),
      sources: own.map(({ concat: parts }) => cidrOf(parts[3])).sort(),
      ...(ends.length > 0 && { endsInSeconds: Math.min(...ends) }),
    },
  ];
}

function cidrOf(value: unknown): string {
  const parsed = prefix.safeParse(value);
  return parsed.success ? `${parsed.data.prefix.addr}/${parsed.data.prefix.len}` : `${String(value)}/32`;
}
