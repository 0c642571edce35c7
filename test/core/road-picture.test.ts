/** The road as a picture: what is on the way, in order, narrow enough for a phone. */
import { describe, expect, test } from 'vitest';
import { planExpose } from '../../src/core/plans/plan-expose.ts';
import { PICTURE_WIDTH, roadPicture } from '../../src/core/road-picture.ts';
import { cloudExposeWorld } from './cloud-worlds.ts';
import { exposeCommand, exposeWorld, planned, REQUEST } from './worlds.ts';

const onHost = (over: Parameters<typeof exposeCommand>[0] = {}) =>
  roadPicture(planned(planExpose(REQUEST, exposeCommand(over), exposeWorld())));
const inCloud = (over: Parameters<typeof exposeCommand>[0] = {}) =>
  roadPicture(planned(planExpose(REQUEST, exposeCommand(over), cloudExposeWorld())));

describe('a road as a picture', () => {
  test('on a host', () => {
    const [outside, first, ...rest] = onHost({ sources: ['10.0.0.0/8'], publicPort: 8080 });
    expect(outside).toBe('outside: 10.0.0.0/8');
    expect(first).toMatch(/^↓ [\d.]+:8080$/);
    expect(rest).toEqual(['↓ web1: network forward', '↓ blog:80']);
  });

  test('in a cloud has the floating IP and the group in front', () => {
    expect(inCloud()).toEqual([
      'outside: anyone',
      '↓ a new floating IP, port 80',
      '↓ security group: anyone at 80',
      '↓ web1: network forward',
      '↓ blog:80',
    ]);
  });

  test('behind a group names the port that the group lets in', () => {
    expect(inCloud({ publicPort: 8080, sources: ['192.0.2.0/24'] })).toContain(
      '↓ security group: only these at 8080',
    );
    expect(inCloud({ road: 'bridged' })).toContain('↓ security group: anyone at 80');
    expect(inCloud({ road: 'routed' })).toContain('↓ web1: routes to the instance');
  });

  test('leaves out the end of a long name, never what happens there', () => {
    const plan = planned(planExpose(REQUEST, exposeCommand(), exposeWorld()));
    const host = 'a-host-whose-name-nobody-can-remember';
    const instance = `${host}-either`;
    const lines = roadPicture({ ...plan, door: { ...plan.door, host, instance, road: 'userspace' } });
    expect(lines.at(-2)).toMatch(/^↓ a-host-who.*…: proxy, copies bytes$/);
    expect(lines.at(-1)).toMatch(/^↓ a-host-whose-name-nobody-ca.*…:80$/);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(PICTURE_WIDTH);
  });

  test('is never wider than a phone', () => {
    const sources = Array.from({ length: 9 }, (_, index) => `10.${index}.0.0/16`);
    for (const lines of [onHost({ sources }), inCloud({ sources, road: 'bridged' })])
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(PICTURE_WIDTH);
  });
});
