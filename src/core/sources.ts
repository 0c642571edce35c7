/** Who may come through a door: networks by name or CIDR, in canonical form. IPv4 only. */
import { isIPv4, isIPv6 } from 'node:net';
import ipaddr from 'ipaddr.js';
import { nearest } from './commands/nearest.ts';
import { type Refusal, refuse } from './refusal.ts';

export const ANYONE = '0.0.0.0/0';
const ANYONE_WORDS = new Set(['anyone', 'anywhere', 'any', 'world', 'internet']);

export type Networks = Readonly<Record<string, readonly string[]>>;

/**
 * Turns what was typed after `from` into sorted canonical CIDRs. Nothing typed means anyone.
 * @param words names of configured networks, addresses or CIDRs
 */
export function resolveSources(words: readonly string[], networks: Networks): string[] | Refusal {
  if (words.length === 0) return [ANYONE];
  const found: string[] = [];
  for (const word of words) {
    const cidrs = resolveWord(word, networks);
    if ('kind' in cidrs) return cidrs;
    found.push(...cidrs);
  }
  return merged(found);
}

function resolveWord(word: string, networks: Networks): string[] | Refusal {
  if (ANYONE_WORDS.has(word.toLowerCase())) return [ANYONE];
  const name = Object.keys(networks).find((known) => known.toLowerCase() === word.toLowerCase());
  if (name !== undefined) return [...(networks[name] ?? [])];
  if (/^[\d.]+(\/\d+)?$/.test(word)) {
    const cidr = canonicalCidr(word);
    return typeof cidr === 'string' ? [cidr] : cidr;
  }
  if (isIPv6(word.split('/')[0] ?? '')) {
    return refuse('not_understood', `\`${word}\` is IPv6; doors are IPv4 for now.`, 'Name an IPv4 network.');
  }
  return unknownNetwork(word, Object.keys(networks));
}

function unknownNetwork(word: string, names: string[]): Refusal {
  const close = nearest(word, names);
  const known =
    names.length === 0 ? 'No networks are named in the configuration' : `Known: ${names.join(', ')}`;
  const meant =
    close.length > 0
      ? `Did you mean \`${close[0]}\`?`
      : `${known}; an address like \`10.0.0.0/8\` works too.`;
  return refuse('not_understood', `\`${word}\` is neither a named network nor an address.`, meant);
}

/** `10.0.0.0/8` for `10.0.0.0/8`, `10.1.2.3/32` for `10.1.2.3`; a refusal naming the right form otherwise. */
export function canonicalCidr(word: string): string | Refusal {
  const [address = '', bits = '32', more] = word.split('/');
  const prefix = Number(bits);
  // ipaddr.js alone takes `1` and octal parts for addresses; node's check does not.
  if (!isIPv4(address) || !/^\d{1,2}$/.test(bits) || prefix > 32 || more !== undefined) {
    return refuse(
      'not_understood',
      `\`${word}\` is not an IPv4 network.`,
      'Write it like `198.51.100.0/24`.',
    );
  }
  const network = ipaddr.IPv4.networkAddressFromCIDR(`${address}/${prefix}`).toString();
  if (network !== address) {
    return refuse(
      'not_understood',
      `\`${word}\` has bits set behind its prefix.`,
      `Did you mean \`${network}/${prefix}\`?`,
    );
  }
  return `${network}/${prefix}`;
}

/** True when every address of `cidr` lies in `networks`, taken together. Both canonical. */
export function isWithin(cidr: string, networks: readonly string[]): boolean {
  const [first, last] = rangeOf(cidr);
  let next = first;
  for (const [low, high] of networks.map(rangeOf).sort((a, b) => a[0] - b[0])) {
    if (low > next) break;
    next = Math.max(next, high + 1);
  }
  return next > last;
}

/** `anyone` or the networks; nobody where the time of a guarded door is over. */
export function sourcesInWords(sources: readonly string[]): string {
  if (sources.length === 0) return 'nobody any more';
  return sources.includes(ANYONE) ? 'anyone' : sources.join(', ');
}

/** True when a single address may come through a door with these sources. */
export function admits(sources: readonly string[], address: string): boolean {
  return isIPv4(address) && isWithin(`${address}/32`, sources);
}

/**
 * The addresses that are in none of `cidrs`, as `first-last` ranges in ascending order. LXD puts drop rules before
 * allow rules, so an allow list can only be written as the drop of everything else.
 */
export function complement(cidrs: readonly string[]): string[] {
  const ranges = cidrs.map(rangeOf).sort((a, b) => a[0] - b[0]);
  const gaps: string[] = [];
  let next = 0;
  for (const [first, last] of ranges) {
    if (first > next) gaps.push(`${dotted(next)}-${dotted(first - 1)}`);
    next = Math.max(next, last + 1);
  }
  if (next <= 0xffff_ffff) gaps.push(`${dotted(next)}-255.255.255.255`);
  return gaps;
}

/** `10.11.0.0/24` for `10.11.0.1/24`, an address with the prefix of its network. */
export function networkOf(interfaceAddress: string): string {
  const [, bits = '32'] = interfaceAddress.split('/');
  return `${ipaddr.IPv4.networkAddressFromCIDR(interfaceAddress).toString()}/${bits}`;
}

/** The fewest CIDRs that hold the same addresses, sorted: the same sources are always written the same. */
function merged(cidrs: readonly string[]): string[] {
  const kept: string[] = [];
  const sorted = [...cidrs].sort((a, b) => rangeOf(a)[0] - rangeOf(b)[0] || rangeOf(b)[1] - rangeOf(a)[1]);
  for (const cidr of sorted) {
    if (isWithin(cidr, kept)) continue;
    kept.push(cidr);
    for (let both = parentOf(kept); both !== undefined; both = parentOf(kept)) kept.splice(-2, 2, both);
  }
  return kept;
}

/** The network whose halves are the last two, when they are such halves. */
function parentOf(cidrs: readonly string[]): string | undefined {
  const [low, high] = cidrs.slice(-2);
  if (low === undefined || high === undefined) return undefined;
  const [address = '', bits = '32'] = low.split('/');
  const parent = `${address}/${Number(bits) - 1}`;
  const [first, last] = rangeOf(parent);
  const halves = rangeOf(low)[1] + 1 === rangeOf(high)[0] && rangeOf(high)[1] === last;
  return halves && first % 2 ** (33 - Number(bits)) === 0 ? parent : undefined;
}

/** First and last address of a canonical CIDR as numbers. */
function rangeOf(cidr: string): [number, number] {
  const [address = '', bits = '32'] = cidr.split('/');
  const first = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  return [first, first + 2 ** (32 - Number(bits)) - 1];
}

function dotted(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
}
