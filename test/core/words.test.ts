/** Small words: public sides, targets, nearest words, tags, pins, what ports speak, text that came from outside. */
import { describe, expect, test } from 'vitest';
import { harmless, plainText } from '../../src/core/commands/chat-text.ts';
import { nearest } from '../../src/core/commands/nearest.ts';
import { parsePort, parsePublicSide } from '../../src/core/commands/public-side.ts';
import { isRefusal, refuse } from '../../src/core/refusal.ts';
import { nameOf, portOf } from '../../src/core/request.ts';
import { speaks } from '../../src/core/speaks.ts';
import { deviceName, doorIdOf, doorOfDevice, parseTag, tagText } from '../../src/core/tags/door-tag.ts';
import { parsePin, pinText } from '../../src/core/tags/pin.ts';
import { coversPort } from '../../src/core/world.ts';

describe('the public side', () => {
  test.each<[string, string[] | undefined, object]>([
    ['nothing said leaves it to the planner', undefined, {}],
    ['a port', ['8080'], { publicPort: 8080 }],
    ['an address', ['198.51.100.7'], { publicAddress: '198.51.100.7' }],
    ['both', ['198.51.100.7:8080'], { publicAddress: '198.51.100.7', publicPort: 8080 }],
    ['the wildcard is an address; the planner refuses it', ['0.0.0.0'], { publicAddress: '0.0.0.0' }],
  ])('%s', (_, words, side) => {
    expect(parsePublicSide(words)).toEqual(side);
  });

  test.each([
    'web',
    '1.2.3',
    '1.2.3.4.5',
    '01.2.3.4',
    ':8080',
    '1.2.3.4:http',
    '[::1]:80',
    '8080/udp',
    '-80',
  ])('%s is refused', (word) => {
    expect(parsePublicSide([word])).toMatchObject({ kind: 'refused', reason: 'not_understood' });
  });

  test.each(['0', '65536', '123456', '1.5', '1e3', '+80', ' 80', '', '٣', '0x50'])(
    '%s is no port',
    (word) => {
      expect(parsePort(word)).toMatchObject({ kind: 'refused', message: `\`${word}\` is not a port.` });
    },
  );

  test.each(['80-90', '80–90', '80:90'])('%s is a range', (word) => {
    expect(parsePort(word)).toMatchObject({
      message: `\`${word}\` is a range of ports; a door is one port.`,
    });
  });
});

describe('the nearest words', () => {
  const names = ['blog', 'blog-staging', 'web', 'wiki', 'Mail'];
  test.each<[string, string, string[]]>([
    ['one letter off', 'blg', ['blog']],
    ['two letters off in a longer word', 'bolg', ['blog']],
    ['the beginning of a word, the nearest first', 'blo', ['blog', 'blog-staging']],
    ['capitals do not count', 'MAIL', ['Mail']],
    ['three letters tolerate one', 'wxy', []],
    ['one letter is no beginning', 'b', []],
    ['the word itself comes first', 'blog', ['blog', 'blog-staging']],
    ['nothing is like it', 'database', []],
    ['an empty word', '', []],
  ])('%s', (_, word, near) => {
    expect(nearest(word, names)).toEqual(near);
  });

  test('no more than asked for, each once', () => {
    expect(nearest('web', ['web1', 'web2', 'web3', 'web4', 'web1'])).toEqual(['web1', 'web2', 'web3']);
    expect(nearest('web', ['web1', 'web2'], 1)).toEqual(['web1']);
  });
});

describe('door tags', () => {
  test.each<[string, Parameters<typeof tagText>[0], string]>([
    ['tcp', { door: 'door-a1', instance: 'blog', port: 80, protocol: 'tcp' }, 'drawbridge door-a1 blog:80'],
    [
      'udp',
      { door: 'door-a1', instance: 'my-dns', port: 53, protocol: 'udp' },
      'drawbridge door-a1 my-dns:53/udp',
    ],
    [
      'with sources',
      {
        door: 'door-a1',
        instance: 'blog',
        port: 80,
        protocol: 'tcp',
        sources: ['10.0.0.0/8', '192.0.2.0/24'],
      },
      'drawbridge door-a1 blog:80 from 10.0.0.0/8,192.0.2.0/24',
    ],
    [
      'capitals in a name',
      { door: 'door-a1', instance: 'Blog', port: 80, protocol: 'tcp' },
      'drawbridge door-a1 Blog:80',
    ],
  ])('%s: what is written is read again', (_, tag, text) => {
    expect(tagText(tag)).toBe(text);
    expect(parseTag(text)).toEqual(tag);
  });

  test.each<[string, string | undefined]>([
    ['no description', undefined],
    ['an empty description', ''],
    ['a description of somebody else', 'the blog'],
    ['words before the tag', 'my drawbridge door-a1 blog:80'],
    ['words behind the tag', 'drawbridge door-a1 blog:80 please'],
    ['no port', 'drawbridge door-a1 blog'],
    ['no door', 'drawbridge blog:80'],
    ['a second line', 'drawbridge door-a1 blog:80\nfrom me'],
    ['another protocol', 'drawbridge door-a1 blog:80/sctp'],
  ])('%s is not ours', (_, text) => {
    expect(parseTag(text)).toBeUndefined();
  });

  test('the device of a door names the door', () => {
    expect(deviceName('door-a1')).toBe('drawbridge-door-a1');
    expect(doorOfDevice('drawbridge-door-a1')).toBe('door-a1');
    for (const device of [
      'eth0',
      'drawbridge',
      'drawbridge-',
      'drawbridge-eth0',
      'drawbridge-door-',
      'xdrawbridge-door-a1',
    ])
      expect(doorOfDevice(device), device).toBeUndefined();
  });

  test('the door of a request is named after it', () => {
    expect(doorIdOf('req-7k2m9x')).toBe('door-7k2m9x');
  });

  test.each<[string, Parameters<typeof pinText>[0]]>([
    ['eth0 inherited door-a1', { nic: 'eth0', inherited: true, doors: ['door-a1'] }],
    ['eth1 own door-a1 door-b2', { nic: 'eth1', inherited: false, doors: ['door-a1', 'door-b2'] }],
    ['eth1 own', { nic: 'eth1', inherited: false, doors: [] }],
  ])('the pin %s is read as it was written', (text, pin) => {
    expect(pinText(pin)).toBe(text);
    expect(parsePin(text)).toEqual(pin);
  });

  test('a pin names each door once, in one order', () => {
    const doors = ['door-b2', 'door-a1', 'door-b2'];
    expect(pinText({ nic: 'eth0', inherited: true, doors })).toBe('eth0 inherited door-a1 door-b2');
  });

  test.each([undefined, ''])('%j is no pin', (text) => {
    expect(parsePin(text)).toBeUndefined();
  });
});

describe('ports in LXD’s notation', () => {
  test.each<[string, number, boolean]>([
    ['80', 80, true],
    ['80', 81, false],
    ['80-90', 80, true],
    ['80-90', 85, true],
    ['80-90', 90, true],
    ['80-90', 91, false],
    ['80,443', 443, true],
    ['80, 443', 443, true],
    ['80,8000-8010', 8005, true],
    ['80,8000-8010', 443, false],
    ['', 80, false],
  ])('%s covers %i: %s', (notation, port, covers) => {
    expect(coversPort(notation, port)).toBe(covers);
  });
});

describe('what is spoken behind a port', () => {
  test.each<[number, string | undefined]>([
    [80, 'http'],
    [443, 'https'],
    [8443, 'https'],
    [8000, 'http'],
    [8999, 'http'],
    [3000, 'http'],
    [22, undefined],
    [53, undefined],
    [5432, undefined],
    [7999, undefined],
  ])('%i: %s', (port, what) => {
    expect(speaks(port)).toBe(what);
  });
});

describe('names', () => {
  test('an instance is named with its host where that was said', () => {
    expect(nameOf({ instance: 'blog' })).toBe('blog');
    expect(nameOf({ host: 'web1', instance: 'blog' })).toBe('web1/blog');
  });

  test('tcp goes without saying', () => {
    expect([portOf(80, 'tcp'), portOf(53, 'udp')]).toEqual(['80', '53/udp']);
  });

  test('a refusal without a next move has none', () => {
    expect(refuse('not_found', 'No.')).toEqual({ kind: 'refused', reason: 'not_found', message: 'No.' });
    expect(isRefusal(refuse('not_found', 'No.', 'Look.'))).toBe(true);
    expect(isRefusal({ kind: 'plan' })).toBe(false);
    expect(isRefusal(['10.0.0.0/8'])).toBe(false);
  });
});

describe('text that came from outside', () => {
  test.each([
    ['Slack’s markup is escaped', '<!channel> & <@U1>', '&lt;!channel&gt; &amp; &lt;@U1&gt;'],
    ['bold, strike and code signs go', '*a* ~b~ `c`', 'a b c'],
    ['control characters and line breaks become blanks', 'a\u0000b\r\nc\u001b[31m', 'a b c [31m'],
    ['characters that turn the text around go', 'a\u202eb\u2066c', 'a b c'],
    ['blanks are one', '  a   b  ', 'a b'],
  ])('%s', (_, text, clean) => {
    expect(harmless(text)).toBe(clean);
  });

  test('it is cut before it is escaped, so that no entity is cut in two', () => {
    expect(harmless('<'.repeat(300), 10)).toBe(`${'&lt;'.repeat(9)}…`);
    expect(harmless('abcdef', 6)).toBe('abcdef');
    expect(harmless('abcdefg', 6)).toBe('abcde…');
  });

  test('a dash inside a word stays a dash', () => {
    expect(plainText('expose blog 80 because a–b — c')).toBe('expose blog 80 because a–b — c');
  });
});
