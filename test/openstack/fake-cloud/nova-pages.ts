/** The fake Nova's pages of a list (Compute API, "Paginated collections"). */
import type { FakeState } from './state.ts';
import type { Fields, Heard, Reply } from './wire.ts';

export function novaPage(state: FakeState, key: string, all: Fields[], { query, path }: Heard): Reply {
  const marker = query.get('marker');
  const from = marker === null ? 0 : all.findIndex(({ id }) => id === marker) + 1;
  const size = Math.min(Number(query.get('limit') ?? state.pageSize), state.pageSize);
  const page = all.slice(from, from + size);
  const last = page.at(-1);
  if (page.length < size || last === undefined) return { status: 200, body: { [key]: page } };
  const next = new URLSearchParams(query);
  next.set('marker', String(last.id));
  const href = `http://unreachable.invalid/v2.1${path}?${next}`;
  return { status: 200, body: { [key]: page, [`${key}_links`]: [{ rel: 'next', href }] } };
}
