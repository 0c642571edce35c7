/** When those who may decide are told again. */
import { expect, test } from 'vitest';
import { dueWords } from '../../src/core/due-words.ts';
import type { RequestRecord } from '../../src/core/record.ts';
import type { Need } from '../../src/core/rules/rule.ts';
import { approvalFor } from './rulings.ts';

const MINUTE = 60_000;

/** One that has been waiting since 0. */
function waiting(need: Partial<Need>, over: Partial<RequestRecord> = {}): RequestRecord {
  const command = { action: 'host delete', name: 'web9' } as const;
  const approval = approvalFor('it is gone', need);
  return {
    asked: { id: 'req-abc', command, requester: 'U0ALICE', channel: 'C0', text: '', at: 0 },
    state: 'waiting',
    approval,
    waitsUntil: approval.need.waitSeconds * 1_000,
    ...over,
  };
}

test.each<[string, Partial<Need>, number, string[]]>([
  ['long before the end', {}, 44, []],
  ['in the last quarter', {}, 45, ['reminder']],
  ['at the end', {}, 60, []],
  ['a quarter of an hour before the end of a day', { waitSeconds: 86_400 }, 24 * 60 - 15, ['reminder']],
  ['before that', { waitSeconds: 86_400 }, 24 * 60 - 16, []],
  ['before it escalates', { escalate: { to: ['leads'], afterSeconds: 600 } }, 9, []],
  ['when it escalates', { escalate: { to: ['leads'], afterSeconds: 600 } }, 10, ['escalation']],
  ['when both are due', { escalate: { to: ['leads'], afterSeconds: 600 } }, 50, ['escalation', 'reminder']],
])('%s', (_, need, minutes, words) => {
  expect(dueWords(waiting(need), minutes * MINUTE)).toEqual(words);
});

test('never once it was decided, or where nothing waits', () => {
  const decision = { verdict: 'denied', by: 'U0BOB', at: 1 } as const;
  expect(dueWords(waiting({}, { decision }), 50 * MINUTE)).toEqual([]);
  expect(dueWords(waiting({}, { state: 'applying' }), 50 * MINUTE)).toEqual([]);
});
