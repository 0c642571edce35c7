/** What proves that a door was opened, and what is said of its road where nobody answered. */
import { describe, expect, it } from 'vitest';
import { answeredProof, openedProof } from '../../src/core/hops/opened-proof.ts';
import type { Knock } from '../../src/core/proof.ts';
import { type OpenDoor, openDoor, roadOf, withInstance } from './open-doors.ts';

const OFFICE = ['192.0.2.0/24'];
const REFUSED: Knock = { kind: 'refused' };
const SILENT: Knock = { kind: 'silent' };

const proofOf = (open: OpenDoor, seen: Knock = SILENT, from?: string) =>
  openedProof(...roadOf(open), { seen, ...(from !== undefined && { from }) });
const withoutForward = (open: OpenDoor): OpenDoor => ({
  ...open,
  ...(open.host && { host: { ...open.host, forwards: [] } }),
});
const deaf = (open: OpenDoor): OpenDoor => ({ ...open, listeners: [] });
const overUdp = (open: OpenDoor): OpenDoor => ({ ...open, door: { ...open.door, protocol: 'udp' } });

describe('a knock that is answered', () => {
  it.each<[string, Knock, string]>([
    ['by HTTP', { kind: 'http', status: 200, title: 'Blog', ms: 12 }, 'answered 200 “Blog” in 12 ms'],
    ['by HTTP without a title', { kind: 'http', status: 404, ms: 5 }, 'answered 404 in 5 ms'],
    ['by a connection that stays', { kind: 'open', ms: 3 }, 'accepted a connection after 3 ms'],
  ])('%s is the proof', (_, knock, seen) => {
    expect(answeredProof(knock)).toEqual({ state: 'proven', seen });
  });

  it.each<[string, Knock]>([
    ['hung up at once', { kind: 'hung_up', ms: 3 }],
    ['refused', REFUSED],
    ['silent', SILENT],
    ['unreachable', { kind: 'unreachable', why: 'no route' }],
  ])('is none where it was %s', (_, knock) => {
    expect(answeredProof(knock)).toBeUndefined();
  });
});

describe('a door that does not answer', () => {
  it.each<[string, Knock]>([
    ['refused the connection', REFUSED],
    ['did not answer', SILENT],
    ['accepted a connection and hung up at once', { kind: 'hung_up', ms: 3 }],
    ['could not be reached (no route)', { kind: 'unreachable', why: 'no route' }],
  ])('though every hop is in place: it %s', (seen, knock) => {
    expect(proofOf(openDoor('forward', false), knock)).toEqual({
      state: 'broken',
      seen,
      broken: {
        hop: 'between here and 198.51.100.11:80',
        next: `Every hop is in place, yet it ${seen}: a firewall on web1, in front of it or inside blog may drop it.`,
      },
    });
  });

  it('because nothing listens says so, and what to do', () => {
    expect(proofOf(deaf(openDoor('forward', false)), REFUSED)).toEqual({
      state: 'broken',
      seen: 'refused the connection',
      broken: {
        hop: 'service on blog:80 is missing: nothing listens there',
        next: 'Start the service in blog; the door needs no new request.',
      },
    });
  });

  it('because its forward is gone names the command that mends it', () => {
    const { broken } = proofOf(withoutForward(openDoor('forward', false)));
    expect(broken).toEqual({
      hop: 'network forward on web1 is gone: somebody removed it',
      next: '`/lxd repair web1/blog 80` mends it.',
    });
  });

  it('because the instance has another address by now', () => {
    const moved = withInstance(openDoor('forward', false), (each) => ({
      ...each,
      nics: each.nics.map((nic) => ({ ...nic, address: '10.9.9.9' })),
    }));
    expect(proofOf(moved).broken?.hop).toMatch(/^address of blog is 10\.9\.9\.9 now; the door leads to/);
  });

  it('is looked at from the outside in: the cloud’s rule comes before what listens', () => {
    const open = openDoor('forward', true);
    const groups = (open.cloud?.cloud.groups ?? []).map((each) => ({ ...each, rules: [] }));
    const cloud = open.cloud && { ...open.cloud, cloud: { ...open.cloud.cloud, groups } };
    expect(proofOf(deaf({ ...open, ...(cloud && { cloud }) })).broken?.hop).toMatch(
      /^rule for tcp 80 is gone/,
    );
  });

  it('names the floating IP of a server that leads nowhere', () => {
    const open = openDoor('server', true);
    const floatingIps = (open.cloud?.cloud.floatingIps ?? []).map(({ port: _, ...each }) => each);
    const cloud = open.cloud && { ...open.cloud, cloud: { ...open.cloud.cloud, floatingIps } };
    expect(proofOf({ ...open, ...(cloud && { cloud }) }).broken?.hop).toMatch(
      /^floating IP [\d.]+ leads nowhere/,
    );
  });

  it('does not claim what could not be looked at', () => {
    const [way, seen] = roadOf(openDoor('forward', false), { host: { why: 'ETIMEDOUT' } });
    const { broken } = openedProof(way, seen, { seen: SILENT });
    expect(broken?.next).toBe(
      'Nothing that could be seen is broken, but host web1, instance blog could not be looked at, yet it did not answer.',
    );
  });
});

describe('a door of which no answer is to be expected', () => {
  it('is checked where every hop is in place: udp', () => {
    const open = overUdp(openDoor('server', true));
    const groups = (open.cloud?.cloud.groups ?? []).map((group) => ({
      ...group,
      rules: group.rules.map((rule) => ({ ...rule, protocol: 'udp' as const })),
    }));
    const cloud = open.cloud && { ...open.cloud, cloud: { ...open.cloud.cloud, groups } };
    expect(proofOf({ ...open, ...(cloud && { cloud }) })).toEqual({
      state: 'checked',
      seen: 'every hop is in place; udp gives no answer of its own',
    });
  });

  it('is broken where a hop is: udp', () => {
    expect(proofOf(overUdp(openDoor('forward', false))).state).toBe('broken');
  });

  it('is checked where the knock comes from somebody who is not let in', () => {
    expect(proofOf(openDoor('forward', false, OFFICE), SILENT, '198.51.100.1')).toEqual({
      state: 'checked',
      seen: 'every hop is in place; my knock from 198.51.100.1 did not answer, as it should: that is not among its sources',
    });
  });

  it('is broken all the same where nothing listens', () => {
    expect(proofOf(deaf(openDoor('forward', false, OFFICE)), SILENT, '198.51.100.1').state).toBe('broken');
  });

  it('is broken where the knock should have been let in', () => {
    expect(proofOf(openDoor('forward', false, OFFICE), SILENT, '192.0.2.7').state).toBe('broken');
    expect(proofOf(openDoor('forward', false, OFFICE), SILENT).state).toBe('broken');
  });
});
