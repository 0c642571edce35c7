/**
 * kill -9 of a worker at every call that changes LXD or the cloud, while a door opens and while it closes, by every road through
 * OpenStack. Afterwards exactly one door stands, or nothing of ours does, and nothing of others has changed.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { describeLab } from '../lab/describe-lab.ts';
import { launchInstance, lxc } from '../lab/lab.ts';
import { buildWorker } from '../stage/built-worker.ts';
import { startRedis } from '../stage/start-redis.ts';
import { crash, type Strike, strikesAt } from './kill-cloud/crash.ts';
import { onLxd, othersOnLxd } from './kill-cloud/lxd-ledger.ts';
import { NOTHING, ROAD_CASES, type RoadCase, UNTOUCHED } from './kill-cloud/road-cases.ts';
import { type Ground, openSide, type Side } from './kill-cloud/side.ts';
import { openSlots, type Slot, type Slots } from './kill-cloud/slots.ts';

// All wait for a place; how many there are is decided there.
vi.setConfig({ maxConcurrency: 1_000 });

// Most of it is waiting for a place: the clock of all of them starts at once.
const LONG = { timeout: 1_800_000 };

interface Twice {
  road: RoadCase;
  opening?: Strike | undefined;
  closing?: Strike | undefined;
  title: string;
}

/** One door is killed twice: while it opens and while it closes. */
const TWICE = ROAD_CASES.flatMap((road): Twice[] => {
  const [opening, closing] = [strikesAt(road.opening), strikesAt(road.closing)];
  const inWords = (strike: Strike | undefined) =>
    strike === undefined ? 'not at all' : `${strike.when} change ${strike.number}`;
  return Array.from({ length: Math.max(opening.length, closing.length) }, (_, index) => ({
    road,
    opening: opening[index],
    closing: closing[index],
    title: `${road.name}: opening killed ${inWords(opening[index])}, closing ${inWords(closing[index])}`,
  }));
});

describeLab('a worker killed on its way through a cloud', (lab) => {
  let slots: Slots;
  let ground: Ground;

  beforeAll(async () => {
    const folder = mkdtempSync(join(tmpdir(), 'db-kill-cloud-'));
    const program = await buildWorker(join(folder, 'worker'));
    const [redis, opened] = await Promise.all([startRedis(), openSlots(lab)]);
    ground = { redis, folder, program };
    slots = opened;
  });
  afterAll(async () => {
    await slots.close();
    await ground.redis.stop();
    rmSync(ground.folder, { recursive: true, force: true });
  });

  /** Opens a side for a road, with a look at what is not ours before and after. */
  function onSlot(road: RoadCase, work: (side: Side, slot: Slot) => Promise<void>): Promise<void> {
    return slots.use(road.leased, async (slot) => {
      const side = await openSide(slot, ground, road.lent);
      try {
        const [inCloud, inLxd] = [side.ledger.others(), await othersOnLxd(slot)];
        await work(side, slot);
        await expectStanding(side, slot, NOTHING, UNTOUCHED);
        expect(side.ledger.others()).toBe(inCloud);
        expect(await othersOnLxd(slot)).toBe(inLxd);
        expect(await side.back.records.doors.list()).toEqual([]);
      } finally {
        await side.close();
      }
    });
  }

  async function expectStanding(
    { ledger }: Side,
    slot: Slot,
    inCloud: RoadCase['inCloud'],
    inLxd: RoadCase['onLxd'],
  ): Promise<void> {
    expect(ledger.standing()).toEqual(inCloud);
    expect(await onLxd(slot)).toEqual(inLxd);
  }

  for (const road of ROAD_CASES)
    it.concurrent(`${road.name}: is opened and closed by these changes in this order`, LONG, () =>
      onSlot(road, async (side, slot) => {
        await side.back.work();
        const { open, close } = road.ask(slot.instance);
        const opened = await crash({ side, text: `expose ${open}`, next: () => {} });
        expect(opened.outcome).toMatchObject({ kind: 'done', proof: { state: 'proven' } });
        expect(side.changes.list).toEqual(road.opening);
        await expectStanding(side, slot, road.inCloud, road.onLxd);
        const closed = await crash({ side, text: `unexpose ${close}`, next: () => {} });
        expect(closed.outcome).toMatchObject({ kind: 'done' });
        expect(side.changes.list).toEqual(road.closing);
      }),
    );

  for (const { title, ...twice } of TWICE) it.concurrent(title, LONG, () => killTwice(twice));

  function killTwice({ road, opening, closing }: Omit<Twice, 'title'>): Promise<void> {
    return onSlot(road, async (side, slot) => {
      const { open, close } = road.ask(slot.instance);
      side.spawn();
      let [ajar, seen] = [false, NOTHING];
      const look = () => {
        ajar = side.ledger.isOpen(80);
        seen = side.ledger.standing();
      };
      const opened = await crash({ side, text: `expose ${open}`, strike: opening, look, next: side.spawn });
      const wasLast = opening?.number === road.opening.length;
      expect(ajar).toBe(wasLast && opening.when === 'after');
      if (wasLast) expect({ ...seen, rules: seen.rules + (ajar ? 0 : 1) }).toEqual(road.inCloud);
      expect(opened.outcome).toMatchObject({ kind: 'done', proof: { state: 'proven' } });
      await expectStanding(side, slot, road.inCloud, road.onLxd);
      const doors = await side.back.records.doors.list();
      expect(side.ledger.owners()).toEqual(doors.map(({ id }) => id));
      expect(doors).toHaveLength(1);

      const next = () => side.back.work();
      const closed = await crash({ side, text: `unexpose ${close}`, strike: closing, look, next });
      if (closing !== undefined) expect(ajar).toBe(false);
      expect(closed.outcome).toMatchObject({ kind: 'done' });
    });
  }

  for (const road of ROAD_CASES)
    it.concurrent(`${road.name}: an opening that cannot go on after a kill is taken back whole`, LONG, () =>
      onSlot(road, async (side, slot) => {
        const { quotas, rules } = side.cloud.state;
        const next = async () => {
          quotas.security_group_rule = rules.size;
          await side.back.work();
        };
        side.spawn();
        const strike = { number: road.opening.length - 1, when: 'after' } as const;
        const failed = await crash({ side, text: `expose ${road.ask(slot.instance).open}`, strike, next });
        expect(failed.outcome).toMatchObject({ kind: 'failed', left: [] });
        expect(failed.outcome).toHaveProperty('message', expect.stringContaining('Quota exceeded'));
        expect(side.ledger.owners()).toEqual([]);
      }),
    );

  it.concurrent('two doors by one rule: it stays with the first closing and goes with the second', LONG, () =>
    onSlot(roadCase('routed'), async (side, slot) => {
      const second = { ...slot, instance: `${slot.instance}-b` };
      await launchInstance(slot.host, second.instance);
      const after = (number: number) => ({ number, when: 'after' }) as const;
      const { inCloud: one, onLxd: card } = roadCase('routed');
      const two = { ...one, floatingIps: 2, ports: 2, pairs: 2, claims: 2 };
      try {
        side.spawn();
        const first = await crash({ side, text: `expose ${slot.instance} 80 via routed`, next: () => {} });
        expect(first.outcome).toMatchObject({ kind: 'done' });
        const opening = { side, text: `expose ${second.instance} 80 via routed`, next: side.spawn };
        await crash({ ...opening, strike: after(11) });
        expect(side.changes.list.slice(0, 11).at(-1)).toMatch(/^PUT \/security-groups\/.*:tcp:80:/);
        await expectStanding(side, second, two, card);
        const closing = { side, text: `unexpose ${slot.instance} 80`, next: side.spawn };
        await crash({ ...closing, strike: after(1) });
        expect(side.changes.list).not.toContain('DELETE /security-group-rules/*');
        await expectStanding(side, slot, one, UNTOUCHED);
        await expectStanding(side, second, one, card);
        const last = { side, text: `unexpose ${second.instance} 80`, next: () => side.back.work() };
        await crash({ ...last, strike: after(1) });
        expect(side.changes.list[0]).toBe('DELETE /security-group-rules/*');
        expect(await onLxd(second)).toEqual(UNTOUCHED);
      } finally {
        await lxc(slot.host, 'delete', '--force', second.instance);
      }
    }),
  );
});

function roadCase(wanted: string): RoadCase {
  return ROAD_CASES.find(({ name }) => name === wanted) ?? expect.fail(`a road ${wanted}`);
}
