/** The road as a picture: what is on the way, in order, narrow enough for a phone. */
import { describe, expect, test } from 'vitest';
import { planExpose } from '../../src/core/plan-expose.ts';
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
    expect(first).toMatch(/^ {2}↓ [\d.]+:8080$/);
    expect(rest).toEqual(['web1: network forward', '  ↓', 'blog :80']);
  });

  test('in a cloud has the floating IP and the group in front', () => {
    expect(inCloud()).toEqual([
      'outside: anyone',
      '  ↓ a new floating IP, port 80',
      'floating IP',
      '  ↓',
      'security group: anyone at 80',
      '  ↓',
      'web1: network forward',
      '  ↓',
      'blog :80',
    ]);
  });

  test('behind a group names the port that the group lets in', () => {
    expect(inCloud({ publicPort: 8080, sources: ['192.0.2.0/24'] })).toContain(
      'security group: only these at 8080',
    );
    expect(inCloud({ road: 'bridged' })).toContain('security group: anyone at 80');
    expect(inCloud({ road: 'routed' })).toContain('web1: routes to the instance');
  });

  test('is never wider than a phone', () => {
    const sources = Array.from({ length: 9 }, (_, index) => `10.${index}.0.0/16`);
    for (const lines of [onHost({ sources }), inCloud({ sources, road: 'bridged' })])
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(PICTURE_WIDTH);
  });
});
