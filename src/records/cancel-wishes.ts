/**
 * Wishes to cancel requests whose steps run, kept in the request's own hash: they outlive the worker that should obey them. A wish and
 * the point of no return (the seal) compete in Redis; the first of the two holds, and the other is told so.
 */
import type { CancelWish } from '../core/record.ts';
import type { Redis } from './redis.ts';

const WISH = `
if redis.call('HGET', KEYS[1], 'state') ~= 'applying' then return {'elsewhere'} end
local sealed = redis.call('HGET', KEYS[1], 'sealed')
if sealed then return {'sealed', sealed} end
if redis.call('HSETNX', KEYS[1], 'cancel', ARGV[1]) == 1 then return {'kept'} end
return {'wished', redis.call('HGET', KEYS[1], 'cancel')}`;

const SEAL = `
if redis.call('HEXISTS', KEYS[1], 'cancel') == 1 then return 0 end
redis.call('HSETNX', KEYS[1], 'sealed', ARGV[1])
return 1`;

/** What came of a wish. */
export type Wished =
  | { kind: 'kept' }
  /** Somebody was first. */
  | { kind: 'wished'; wish: CancelWish }
  /** It has come too late. */
  | { kind: 'sealed'; why: string }
  /** Its steps do not run: they have not begun, or the request has ended. */
  | { kind: 'elsewhere' };

/** @param keyOf the key of a request's hash */
export function createCancelWishes(redis: Redis, keyOf: (id: string) => string) {
  return {
    /** Keeps the wish, if it is the first and comes in time. */
    async wishCancel(id: string, wish: CancelWish): Promise<Wished> {
      const [kind, text = ''] = (await redis.eval(WISH, 1, keyOf(id), JSON.stringify(wish))) as [
        Wished['kind'],
        string?,
      ];
      if (kind === 'wished') return { kind, wish: JSON.parse(text) as CancelWish };
      return kind === 'sealed' ? { kind, why: text } : { kind };
    },

    async cancelWish(id: string): Promise<CancelWish | undefined> {
      const text = await redis.hget(keyOf(id), 'cancel');
      return text === null ? undefined : (JSON.parse(text) as CancelWish);
    },

    /** From now on no wish is kept. False when there is one already, and it has to be obeyed. */
    async seal(id: string, why: string): Promise<boolean> {
      return (await redis.eval(SEAL, 1, keyOf(id), why)) === 1;
    },
  };
}
