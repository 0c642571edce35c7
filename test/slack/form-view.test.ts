/** The form behind `expose` and its options stay within Slack's limits at every size, and say how the looks for them go. */
import { describe, expect, it } from 'vitest';
import type { SeenInstances } from '../../src/core/pick-instances.ts';
import type { ChosenInstance, Form } from '../../src/records/forms.ts';
import type { ModalView } from '../../src/slack/bolt.ts';
import { formValues } from '../../src/slack/form/form-values.ts';
import { formView, loadingView, refusedView } from '../../src/slack/form/form-view.ts';
import { instanceOf, instanceOptions, instanceValue } from '../../src/slack/form/instance-options.ts';
import { formButtonView, menuView } from '../../src/slack/views/menu-view.ts';
import { violationsOf, violationsOfView } from './fake-slack.ts';
import { violationsOfOptions } from './input-violations.ts';

const EVIL = '<!channel> *bold* \u202e <https://evil.example|click>';
const PLACE = { channel: 'C0DOORS', thread: '1700.5', opensThread: true } as const;
const FORM: Form = {
  view: 'V1',
  user: 'U0ALICE',
  place: PLACE,
  looks: true,
  networks: ['office', 'vpn'],
  hosts: 'looked',
};

function many(count: number, host = 'web1', name = (index: number) => `app-${index}`): SeenInstances {
  const instances = Array.from({ length: count }, (_, index) => ({ name: name(index), status: 'Running' }));
  return { host, instances, seenAt: 1 };
}
const chosen = (ports: ChosenInstance['ports'], host = 'web1', instance = 'app-0'): ChosenInstance => ({
  host,
  instance,
  at: 1,
  ports,
});
function check(view: ModalView): string {
  expect(violationsOfView(view as never)).toEqual([]);
  const all = JSON.stringify(view);
  for (const { type, element } of view.blocks as { type: string; element?: object }[])
    if (type !== 'input') expect(JSON.stringify(element ?? view)).not.toContain('<!channel>');
  return all;
}
const blockOf = (view: ModalView, id: string) =>
  (view.blocks as { block_id?: string; element?: { type: string; options?: object[] } }[]).find(
    ({ block_id }) => block_id?.startsWith(id) === true,
  );

describe('the form', () => {
  it.each([0, 1, 99, 100, 101, 10_000])('with %d instances, ports, networks and silent hosts', (size) => {
    const listeners = Array.from({ length: Math.min(size, 2_000) }, (_, index) => ({
      protocol: index % 3 === 0 ? ('udp' as const) : ('tcp' as const),
      address: index % 2 === 0 ? '127.0.0.1' : '::',
      port: index + 1,
    }));
    const networks = Array.from({ length: size }, (_, index) => `network-${index}-${'n'.repeat(index % 90)}`);
    const seen = [many(size)];
    const silent = Array.from({ length: size }, (_, index) => ({
      ...many(0, `h${index}`),
      silent: true as const,
    }));
    for (const hosts of ['looking', 'looked', 'late'] as const) {
      check(formView({ ...FORM, hosts, networks }, seen));
      check(formView({ ...FORM, hosts, networks, chosen: chosen(listeners) }, [...seen, ...silent]));
    }
  });

  it('takes up to a hundred instances along, and asks for more while somebody types', () => {
    expect(blockOf(formView(FORM, [many(60), many(40, 'web2')]), 'instance')?.element).toMatchObject({
      type: 'static_select',
      options: { length: 100 },
    });
    expect(blockOf(formView(FORM, [many(60), many(41, 'web2')]), 'instance')?.element).toMatchObject({
      type: 'external_select',
      min_query_length: 0,
    });
  });

  it('shows nine networks as boxes and more in a list', () => {
    const names = (count: number) => Array.from({ length: count }, (_, index) => `net${index}`);
    const typeWith = (count: number) =>
      blockOf(formView({ ...FORM, networks: names(count) }, []), 'networks')?.element?.type;
    expect(typeWith(0)).toBe('checkboxes');
    expect(typeWith(9)).toBe('checkboxes');
    expect(typeWith(10)).toBe('multi_static_select');
  });

  it('has the name typed only where the list may lack it, and then keeps that input', () => {
    const typed = (form: Form, seen: SeenInstances[]) => blockOf(formView(form, seen), 'typed_instance');
    expect(typed(FORM, [many(3)])).toBeUndefined();
    expect(typed(FORM, [])).toMatchObject({ optional: false });
    expect(typed(FORM, [many(3), { ...many(0, 'web2'), silent: true }])).toMatchObject({ optional: true });
    expect(typed({ ...FORM, hosts: 'late' }, [many(3)])).toBeDefined();
    expect(typed({ ...FORM, typed: true }, [many(3)])).toBeDefined();
    expect(check(formView({ ...FORM, looks: false }, []))).toContain('You may not look at instances');
  });

  it('keeps the ids of its blocks through every state, but has new ones for the ports of another instance', () => {
    const idsOf = (form: Form) =>
      (formView(form, [many(3)]).blocks as { block_id?: string }[]).flatMap(({ block_id }) => block_id ?? []);
    const empty = idsOf(FORM);
    const looking = idsOf({ ...FORM, hosts: 'looking', chosen: chosen('looking') });
    const ports = [{ protocol: 'tcp', address: '0.0.0.0', port: 80 }] as const;
    const seen = idsOf({ ...FORM, chosen: chosen(ports) });
    const other = idsOf({ ...FORM, chosen: chosen(ports, 'web1', 'app-1') });
    expect(looking).toEqual(empty);
    expect(seen.filter((id) => !id.startsWith('port-'))).toEqual(empty);
    expect(seen).toHaveLength(empty.length + 1);
    expect(other).not.toEqual(seen);
  });

  it.each<[ChosenInstance['ports'], string]>([
    ['looking', 'Looking what listens'],
    ['late', 'does not answer in time. Type the port'],
    ['unseen', 'cannot be seen'],
    [[], 'Nothing listens'],
    [[{ protocol: 'tcp', address: '127.0.0.1', port: 8080 }], '8080 · HTTP · inside only'],
    [[{ protocol: 'udp', address: '::', port: 53 }], '53/udp'],
  ])('says of ports that are %j what it knows', (ports, words) => {
    expect(check(formView({ ...FORM, chosen: chosen(ports) }, [many(3)]))).toContain(words);
  });

  it('keeps its place, and nothing else, in its metadata', () => {
    const where = { ...PLACE, user: 'U0ALICE', groups: ['S0A'] };
    expect(JSON.parse(loadingView(where).private_metadata ?? '')).toEqual(PLACE);
    check(loadingView(PLACE));
    check(refusedView({ kind: 'refused', reason: 'not_permitted', message: 'no', next: 'ask' }, 'Back'));
  });

  it('has a menu of five buttons beside it, which know their place', () => {
    for (const view of [menuView(PLACE), formButtonView(PLACE)])
      expect(violationsOf(view as never)).toEqual([]);
    const { elements } = menuView(PLACE).blocks[1] as unknown as { elements: { value: string }[] };
    expect(elements).toHaveLength(5);
    for (const { value } of elements) expect(JSON.parse(value)).toEqual(PLACE);
  });
});

describe('the options', () => {
  const LONG = 'h'.repeat(63);

  it('are the best for what was typed: the name, its beginning, the host’s, somewhere in it', () => {
    const seen = [
      many(1, 'blog-host', () => 'db'),
      many(1, 'web1', () => 'my-blog'),
      many(1, 'web2', () => 'blogger'),
      many(1, 'web3', () => 'blog'),
    ];
    const values = instanceOptions(seen, ' BLOG ').options.map(({ value }) => value);
    expect(values).toEqual(['web3/blog', 'web2/blogger', 'blog-host/db', 'web1/my-blog']);
    expect(instanceOptions(seen, 'web2/b').options).toHaveLength(1);
    expect(instanceOptions(seen, '数據').options).toEqual([]);
  });

  it('say how many there are where a hundred are not all', () => {
    const { options, label } = instanceOptions([many(10_000)], 'app-');
    expect(options).toHaveLength(100);
    expect(label).toBe('The first 100 of 10000: type on');
    expect((label ?? '').length).toBeLessThanOrEqual(75);
    expect(instanceOptions([many(100)], '').label).toBeUndefined();
  });

  it('keep within 75 characters whatever the names are, and lead back to them', () => {
    const odd = [
      'a',
      LONG,
      '数據庫'.repeat(20),
      `😀${'x'.repeat(80)}😀`,
      `${EVIL}`,
      'é'.repeat(70),
      '😀'.repeat(60),
    ];
    for (const host of ['web1', LONG, 'ホスト'.repeat(22), '😀'.repeat(31)]) {
      const seen = [{ ...many(odd.length, host, (index) => odd[index] ?? ''), silent: true as const }];
      const { options } = instanceOptions(seen, '');
      expect(violationsOfOptions(options)).toEqual([]);
      for (const name of odd.filter((each) => !each.includes('/')))
        expect(instanceOf(instanceValue(host, name), seen)).toEqual({ host, instance: name });
    }
    expect(instanceOf('#gone', [many(3)])).toBeUndefined();
    expect(instanceOf('nonsense', [many(3)])).toBeUndefined();
  });

  it('tell a long name by its end', () => {
    const seen = [{ ...many(1, LONG, () => `${'i'.repeat(57)}-prod`), silent: true as const }];
    expect(instanceOptions(seen, '').options[0]?.text.text).toMatch(/^h+…i+-prod · running when last seen$/);
  });
});

describe('what is sent', () => {
  const state = (over: Record<string, object>) =>
    Object.fromEntries(Object.entries(over).map(([block, value]) => [block, { value }])) as never;

  it('is empty where nothing was filled in', () => {
    expect(formValues({}, [])).toEqual({
      fields: { instance: '', port: '', as: '', from: '', via: '', for: '', because: '' },
    });
  });

  it('has one instance, one port, and anyone or some, not both', () => {
    const both = state({
      typed_instance: { value: 'blog' },
      'port-x': { selected_option: { value: '80' } },
      typed_port: { value: '81' },
      networks: { selected_options: [{ value: 'anyone' }, { value: 'office' }] },
      cidrs: { value: '10.0.0.0/8' },
    });
    const instance = { instance: { instance_listed: { selected_option: { value: 'web1/app-0' } } } };
    const filled = formValues({ ...(both as object), ...instance }, [many(3)]);
    expect('errors' in filled && Object.keys(filled.errors).sort()).toEqual([
      'cidrs',
      'networks',
      'typed_instance',
      'typed_port',
    ]);
  });
});
