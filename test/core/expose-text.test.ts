/** The fields of the form become the text that somebody would have typed, and the field that is not understood is named. */
import { describe, expect, it } from 'vitest';
import { type ExposeFields, exposeText, type FieldName } from '../../src/core/commands/expose-text.ts';
import type { ExposeCommand } from '../../src/core/request.ts';
import { randomFrom } from '../support/random.ts';

const NETWORKS = { office: ['10.1.0.0/16'], vpn: ['10.2.0.0/16'] };
const EMPTY: ExposeFields = { instance: '', port: '', as: '', from: '', via: '', for: '', because: '' };
const made = (over: Partial<ExposeFields>) =>
  exposeText({ ...EMPTY, instance: 'web1/blog', port: '80', ...over }, NETWORKS);

describe('the fields of the form', () => {
  it.each<[string, Partial<ExposeFields>, string]>([
    ['instance and port', {}, 'expose web1/blog 80'],
    ['a server', { instance: 'server:web' }, 'expose server:web 80'],
    ['udp', { port: '53/udp' }, 'expose web1/blog 53/udp'],
    ['blanks around them', { instance: ' blog ', port: ' 80 ' }, 'expose blog 80'],
    [
      'all of them',
      { as: '198.51.100.7:8080', from: 'office vpn\n10.0.0.0/24, 10.9.0.1', via: 'proxy', because: 'a demo' },
      'expose web1/blog 80 as 198.51.100.7:8080 from office,vpn,10.0.0.0/24,10.9.0.1 via proxy because a demo',
    ],
    [
      'a reason of several lines',
      { because: '“so”\nbecause of from 1 & <2>' },
      'expose web1/blog 80 because so” because of from 1 &amp; &lt;2&gt;',
    ],
  ])('of %s are the command as typed', (_, over, text) => {
    expect(made(over)).toMatchObject({ text, command: { action: 'expose' } });
  });

  it.each<[FieldName, Partial<ExposeFields>, string]>([
    ['instance', { instance: '' }, 'Which instance?'],
    ['instance', { instance: 'blog 80' }, 'one word'],
    ['instance', { instance: 'a/b/c' }, 'not the name'],
    ['instance', { instance: '--as=80' }, ''],
    ['instance', { instance: 'blog:80' }, ''],
    ['port', { port: ' ' }, 'Which port?'],
    ['port', { port: 'http' }, 'not a port'],
    ['port', { port: '80-90' }, 'a range'],
    ['port', { port: '80 as 22' }, 'one word'],
    ['as', { as: 'seven' }, 'neither a port nor an address'],
    ['as', { as: '8080 via lan' }, 'one word'],
    ['from', { from: 'ofice' }, 'neither a named network'],
    ['from', { from: '10.0.0.1/8' }, 'bits set'],
    ['from', { from: 'because' }, 'Nothing stands behind'],
    ['from', { from: '"' }, 'quote'],
    ['via', { via: 'boat' }, 'not a road'],
  ])('say that %s was not understood: %j', (field, over, words) => {
    const answer = made(over);
    if (!('refusal' in answer)) throw new Error(`understood as ${answer.text}`);
    expect(answer.field).toBe(field);
    expect(answer.refusal.message).toContain(words);
  });

  it('name how long a door lasts only where somebody chose it, and blame that field', () => {
    expect(made({})).not.toMatchObject({ text: expect.stringContaining(' for ') });
    const answer = made({ for: '1h', because: 'a demo' });
    const text = 'text' in answer ? answer.text : undefined;
    if (text !== undefined) expect(text).toBe('expose web1/blog 80 for 1h because a demo');
    else expect(answer).toMatchObject({ field: 'for' });
  });

  it('never change each other, whatever the reason is', () => {
    const random = randomFrom(7);
    const pieces = [
      'because',
      'as',
      '8080',
      'from',
      'office',
      'via',
      '"',
      "'",
      '“',
      '--as=22',
      '`',
      '<b>',
      '&',
    ];
    for (let round = 0; round < 5_000; round += 1) {
      const words = Array.from({ length: 1 + random.below(8) }, () => random.pick(pieces));
      const because = words.join(random.pick([' ', '', '\n', ' — ']));
      const answer = made({ as: '8080', from: 'vpn', because });
      if (!('command' in answer)) throw new Error(`${because}: ${answer.field}`);
      const { reason: _reason, ...rest } = answer.command as ExposeCommand;
      expect(rest).toEqual({
        action: 'expose',
        target: { host: 'web1', instance: 'blog' },
        port: 80,
        protocol: 'tcp',
        publicPort: 8080,
        sources: ['10.2.0.0/16'],
      });
    }
  });
});
