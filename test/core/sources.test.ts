/** Who may come through a door: canonical networks, what they admit, and everybody else as ranges. */
import { describe, expect, test } from 'vitest';
import {
  admits,
  canonicalCidr,
  complement,
  isWithin,
  networkOf,
  resolveSources,
} from '../../src/core/sources.ts';
import { type Random, randomFrom } from '../support/random.ts';

const NETWORKS = {
  office: ['192.0.2.0/25', '192.0.2.128/25'],
  vpn: ['10.8.0.0/16'],
  'two-words': ['10.9.0.0/16'],
};

describe('the words behind from become networks', () => {
  const rows: [sentence: string, words: string[], cidrs: string[]][] = [
    ['no word is anyone', [], ['0.0.0.0/0']],
    ['an address is a network of one', ['10.1.2.3'], ['10.1.2.3/32']],
    ['a network stays', ['10.0.0.0/8'], ['10.0.0.0/8']],
    ['zeros before the prefix length go', ['10.0.0.0/08'], ['10.0.0.0/8']],
    ['a name is its networks, halves made whole', ['office'], ['192.0.2.0/24']],
    ['names know no capitals', ['VPN', 'Two-Words'], ['10.8.0.0/15']],
    ['the order does not count', ['192.168.0.0/16', '10.0.0.0/8'], ['10.0.0.0/8', '192.168.0.0/16']],
    [
      'addresses are sorted by number, not by text',
      ['100.0.0.0/8', '20.0.0.0/8'],
      ['20.0.0.0/8', '100.0.0.0/8'],
    ],
    ['the same twice is once', ['10.0.0.0/8', '10.0.0.0/8'], ['10.0.0.0/8']],
    ['what lies in another is left out', ['10.1.0.0/16', '10.0.0.0/8', '10.2.3.4'], ['10.0.0.0/8']],
    ['neighbours that are halves of one are merged', ['10.0.0.0/9', '10.128.0.0/9'], ['10.0.0.0/8']],
    ['merging goes on', ['10.0.0.0/26', '10.0.0.192/26', '10.0.0.64/26', '10.0.0.128/26'], ['10.0.0.0/24']],
    [
      'neighbours of two different networks stay',
      ['10.0.1.0/24', '10.0.2.0/24'],
      ['10.0.1.0/24', '10.0.2.0/24'],
    ],
    ['neighbours of two sizes stay', ['10.0.0.0/25', '10.0.0.128/26'], ['10.0.0.0/25', '10.0.0.128/26']],
    ['two halves of the internet are anyone', ['0.0.0.0/1', '128.0.0.0/1'], ['0.0.0.0/0']],
    ['anyone swallows the rest', ['10.0.0.0/8', 'anyone'], ['0.0.0.0/0']],
    ['anywhere', ['anywhere'], ['0.0.0.0/0']],
    ['internet in capitals', ['INTERNET'], ['0.0.0.0/0']],
  ];
  test.each(rows)('%s', (_, words, cidrs) => {
    expect(resolveSources(words, NETWORKS)).toEqual(cidrs);
  });
});

describe('a network in canonical form', () => {
  test.each([
    ['0.0.0.0/0', '0.0.0.0/0'],
    ['10.0.0.0/8', '10.0.0.0/8'],
    ['10.1.2.3', '10.1.2.3/32'],
    ['255.255.255.255/32', '255.255.255.255/32'],
    ['128.0.0.0/1', '128.0.0.0/1'],
  ])('%s is %s', (word, cidr) => {
    expect(canonicalCidr(word)).toBe(cidr);
  });

  test.each([
    ['10.0.0.1/8', 'Did you mean `10.0.0.0/8`?'],
    ['192.0.2.255/24', 'Did you mean `192.0.2.0/24`?'],
    ['1.2.3.4/0', 'Did you mean `0.0.0.0/0`?'],
    ['10.0.0.0/33', 'Write it like `198.51.100.0/24`.'],
    ['10.0.0.0/-1', 'Write it like `198.51.100.0/24`.'],
    ['10.0.0.0/', 'Write it like `198.51.100.0/24`.'],
    ['10.0.0.0/8/8', 'Write it like `198.51.100.0/24`.'],
    ['10.0.0/8', 'Write it like `198.51.100.0/24`.'],
    ['10', 'Write it like `198.51.100.0/24`.'],
    ['010.0.0.0/8', 'Write it like `198.51.100.0/24`.'],
    ['0x0a.0.0.0/8', 'Write it like `198.51.100.0/24`.'],
    ['256.0.0.0/8', 'Write it like `198.51.100.0/24`.'],
    ['::/0', 'Write it like `198.51.100.0/24`.'],
    ['', 'Write it like `198.51.100.0/24`.'],
  ])('%s is refused', (word, next) => {
    expect(canonicalCidr(word)).toMatchObject({ kind: 'refused', reason: 'not_understood', next });
  });
});

describe('within and admitted', () => {
  test.each<[string, string, string[], boolean]>([
    ['a network lies within itself', '10.0.0.0/8', ['10.0.0.0/8'], true],
    ['a part lies within the whole', '10.1.0.0/16', ['10.0.0.0/8'], true],
    ['the whole does not lie within a part', '10.0.0.0/8', ['10.1.0.0/16'], false],
    ['nothing lies within nothing', '10.0.0.0/8', [], false],
    ['a network lies within its two halves together', '10.0.0.0/8', ['10.128.0.0/9', '10.0.0.0/9'], true],
    ['a gap of one address counts', '10.0.0.0/30', ['10.0.0.0/31', '10.0.0.3/32'], false],
    ['the internet lies within its halves', '0.0.0.0/0', ['0.0.0.0/1', '128.0.0.0/1'], true],
    ['the last address', '255.255.255.255/32', ['255.0.0.0/8'], true],
  ])('%s', (_, cidr, networks, within) => {
    expect(isWithin(cidr, networks)).toBe(within);
  });

  test.each<[string, string[], string, boolean]>([
    ['an address of the network', ['10.0.0.0/8'], '10.255.255.255', true],
    ['the address before the network', ['10.0.0.0/8'], '9.255.255.255', false],
    ['the address behind the network', ['10.0.0.0/8'], '11.0.0.0', false],
    ['any address, when anyone may come', ['0.0.0.0/0'], '192.0.2.9', true],
    ['no IPv6 address', ['0.0.0.0/0'], '::1', false],
    ['nothing that is no address', ['0.0.0.0/0'], 'blog', false],
  ])('%s', (_, sources, address, may) => {
    expect(admits(sources, address)).toBe(may);
  });

  test.each([
    ['10.11.0.1/24', '10.11.0.0/24'],
    ['10.11.77.1/16', '10.11.0.0/16'],
    ['192.0.2.1/32', '192.0.2.1/32'],
  ])('the network of %s is %s', (address, network) => {
    expect(networkOf(address)).toBe(network);
  });
});

describe('everybody else', () => {
  test.each<[string, string[], string[]]>([
    ['than nobody is everybody', [], ['0.0.0.0-255.255.255.255']],
    ['than anyone is nobody', ['0.0.0.0/0'], []],
    [
      'than a network in the middle is two ranges',
      ['10.0.0.0/8'],
      ['0.0.0.0-9.255.255.255', '11.0.0.0-255.255.255.255'],
    ],
    ['than the first network is one range', ['0.0.0.0/8'], ['1.0.0.0-255.255.255.255']],
    ['than the last network is one range', ['255.0.0.0/8'], ['0.0.0.0-254.255.255.255']],
    ['than one address is all but that', ['10.0.0.1/32'], ['0.0.0.0-10.0.0.0', '10.0.0.2-255.255.255.255']],
    [
      'than neighbours has no range between them',
      ['10.0.1.0/24', '10.0.2.0/24'],
      ['0.0.0.0-10.0.0.255', '10.0.3.0-255.255.255.255'],
    ],
    [
      'than networks in each other, in any order',
      ['10.1.0.0/16', '10.0.0.0/8'],
      ['0.0.0.0-9.255.255.255', '11.0.0.0-255.255.255.255'],
    ],
  ])('%s', (_, cidrs, ranges) => {
    expect(complement(cidrs)).toEqual(ranges);
  });

  test('of random networks: every address is in them or in the rest, never in both', () => {
    const random = randomFrom(7);
    for (let round = 0; round < 400; round += 1) {
      const cidrs = Array.from({ length: 1 + random.below(12) }, () => randomCidr(random));
      const rest = complement(cidrs);
      for (const address of addressesToTry(cidrs, random)) {
        const there = isWithin(`${address}/32`, cidrs);
        const elsewhere = rest.some((range) => liesIn(address, range));
        expect({ address, cidrs, in: there }).toEqual({ address, cidrs, in: !elsewhere });
      }
    }
  });

  test('of random networks: resolved sources admit the same addresses as what was typed', () => {
    const random = randomFrom(8);
    for (let round = 0; round < 400; round += 1) {
      const typed = Array.from({ length: 1 + random.below(12) }, () => randomCidr(random));
      const sources = resolveSources(typed, {});
      if (!Array.isArray(sources)) throw new Error(`refused: ${typed}`);
      expect(complement(sources)).toEqual(complement(typed));
      expect(sources.length).toBeLessThanOrEqual(new Set(typed).size);
      expect(resolveSources([...typed].reverse(), {})).toEqual(sources);
      expect(resolveSources(sources, {})).toEqual(sources);
    }
  });
});

/** Mostly near one another, so that they touch, overlap and nest. */
function randomCidr(random: Random): string {
  const prefix = random.below(4) === 0 ? random.below(33) : 24 + random.below(9);
  const first = random.below(2) === 0 ? 10 * 2 ** 24 + random.below(1_024) : random.below(2 ** 32);
  const size = 2 ** (32 - prefix);
  return `${dotted(Math.floor(first / size) * size)}/${prefix}`;
}

/** The first and last address of each network, their neighbours, and some from anywhere. */
function addressesToTry(cidrs: readonly string[], random: Random): string[] {
  const edges = cidrs.flatMap((cidr) => {
    const [address = '', prefix] = cidr.split('/');
    const first = numberOf(address);
    const last = first + 2 ** (32 - Number(prefix)) - 1;
    return [first - 1, first, last, last + 1];
  });
  const anywhere = Array.from({ length: 5 }, () => random.below(2 ** 32));
  return [...edges, ...anywhere, 0, 2 ** 32 - 1].filter((each) => each >= 0 && each < 2 ** 32).map(dotted);
}

function liesIn(address: string, range: string): boolean {
  const [first = '', last = ''] = range.split('-');
  return numberOf(first) <= numberOf(address) && numberOf(address) <= numberOf(last);
}

function numberOf(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

function dotted(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
}
