/** Looks once a minute whether every host answers, and keeps it for the bot, which has no key to them. */
import { messageOf } from '../../src/errors.ts';
import type { SeenHost } from '../../src/records/hosts.ts';
import type { Host, Tools } from '../tools.ts';

/** A host that takes longer counts as one that does not answer. */
const ANSWER_MS = 5_000;

type HealthTools = Pick<Tools, 'hosts' | 'records' | 'log'>;

/** Part of the sweep; one worker does it. */
export async function watchHealth({ hosts, records, log }: HealthTools, signal: AbortSignal): Promise<void> {
  if (!(await records.minutes.first('watch-health'))) return;
  const [all, before] = await Promise.all([hosts.list(), records.hosts.list()]);
  const seen = await Promise.all(all.map((host) => look(host, before, signal)));
  // A worker that stops cuts its looks short; that says nothing about the hosts.
  if (signal.aborted) return;
  const gone = before.filter(({ host }) => !all.some(({ name }) => name === host));
  await Promise.all(seen.map((host) => records.hosts.put(host)));
  await Promise.all(gone.map(({ host }) => records.hosts.remove(host)));
  const news = seen.filter((host) => host.since === host.seenAt || isNews(host, before));
  for (const { host, answers, says } of news) log.info({ host, answers, says }, 'the health of a host');
  if (news.length + gone.length > 0) await records.homes.changed();
}

async function look(host: Host, before: readonly SeenHost[], signal: AbortSignal): Promise<SeenHost> {
  const patience = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]);
  const begun = performance.now();
  const seen = await host.client
    .getServer(patience)
    .then(({ environment }) => ({ answers: true, says: `LXD ${environment.server_version}` }))
    .catch((error) => ({ answers: false, says: messageOf(error) }));
  const seenAt = Date.now();
  const last = before.find((each) => each.host === host.name);
  const since = last?.answers === seen.answers ? (last.since ?? last.seenAt) : seenAt;
  return {
    host: host.name,
    ...seen,
    took: Math.round(performance.now() - begun),
    ...(host.server !== undefined && { cloud: host.server.cloud }),
    ...(host.drained && { drained: true }),
    seenAt,
    since,
  };
}

/** What people see of it differs from what they saw. */
function isNews({ host, says, drained, seenAt }: SeenHost, before: readonly SeenHost[]): boolean {
  const last = before.find((each) => each.host === host);
  return last?.says !== says || last.drained !== drained || seenAt - last.seenAt > STALE_MS;
}

/** Homes say of what is older that nobody looked. */
const STALE_MS = 300_000;
