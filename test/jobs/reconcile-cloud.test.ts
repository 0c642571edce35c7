/** Doors of a host in a cloud in which somebody works by hand: what is missed of the floating IP, the group and the rule, and what a silent cloud says. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { DifferenceName } from '../../src/core/differences/difference.ts';
import { wrong } from '../openstack/fake-cloud/faults.ts';
import { startRedis, type TestRedis } from '../stage/start-redis.ts';
import { until } from '../stage/until.ts';
import { type FaultCloud, openFaultCloud } from './fault-cloud.ts';

const OPEN = 'expose blog 80 as 18490';
const REPAIR = 'repair blog 80';

describe('a door in a cloud in which somebody works by hand', () => {
  let redis: TestRedis;
  let side: FaultCloud;

  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());
  beforeEach(async () => {
    side = await openFaultCloud(redis);
    expect((await did(OPEN)).outcome).toMatchObject({ kind: 'done' });
  });
  afterEach(() => side.close());

  const did = async (text: string) => side.back.ended(await side.back.ask(text));
  async function pass(): Promise<{ names: DifferenceName[]; unseen: readonly string[] }> {
    const { differences } = side.back.records;
    const begun = Date.now();
    await side.back.queues.reconcile({});
    const after = async () => {
      const last = await differences.lastPass();
      return last !== undefined && last.at >= begun ? last : undefined;
    };
    const { unseen } = await until(after, 'a pass', 30_000);
    return { names: (await differences.list()).map(({ name }) => name).sort(), unseen };
  }
  const own = () =>
    [...side.cloud.state.rules.values()].filter(({ description }) =>
      /^drawbridge door/.test(description ?? ''),
    );
  /** The client of this cloud does not wait long, and a busy machine may take longer. */
  const seen = () =>
    until(
      async () => {
        const found = await pass();
        return found.unseen.length === 0 ? found : undefined;
      },
      'a pass that sees the cloud',
      30_000,
    );
  const nothing = { names: [], unseen: [] };

  it('that stands as it was put differs in nothing', async () => {
    expect(await seen()).toEqual(nothing);
  });

  it('misses its rule, and has it put again', async () => {
    expect(own()).not.toEqual([]);
    for (const { id } of own()) side.cloud.state.rules.delete(id);
    expect(await seen()).toEqual({ names: ['rule_gone'], unseen: [] });
    expect((await did(REPAIR)).outcome).toMatchObject({ kind: 'done' });
    expect(own()).not.toEqual([]);
    expect(await seen()).toEqual(nothing);
  });

  it('misses its group on the port, and has it hung there again', async () => {
    const group = [...side.cloud.state.groups.values()].find(({ name }) => name === 'drawbridge-web1');
    for (const port of side.cloud.state.ports.values())
      port.security_groups = port.security_groups.filter((id) => id !== group?.id);
    expect(await seen()).toEqual({ names: ['group_off'], unseen: [] });
    expect((await did(REPAIR)).outcome).toMatchObject({ kind: 'done' });
    expect(await seen()).toEqual(nothing);
  });

  it('misses its floating IP, and no other takes its place without a word', async () => {
    const [door] = await side.back.records.doors.list();
    const { floatingIps } = side.cloud.state;
    const found = [...floatingIps.values()].find((each) => each.floating_ip_address === door?.publicAddress);
    if (found === undefined) throw new Error('no floating IP');
    found.port_id = null;
    expect(await seen()).toEqual({ names: ['floating_ip_moved'], unseen: [] });
    const repaired = (await did(REPAIR)).outcome;
    expect(repaired).toMatchObject({ kind: 'done' });
    expect(await seen()).toEqual(nothing);
    floatingIps.delete(found.id);
    expect(await seen()).toEqual({ names: ['floating_ip_gone'], unseen: [] });
    expect((await did(REPAIR)).outcome).toMatchObject({ kind: 'refused', reason: 'address_missing' });
  });

  it('is not taken for gone because its cloud does not answer', async () => {
    side.cloud.fail({ when: ({ method }) => method === 'GET', answer: wrong.badGateway, times: 1_000 });
    const { names, unseen } = await pass();
    expect(names).toEqual([]);
    expect([...unseen].sort()).toEqual(['fake', 'web1']);
  });
});
