/** Publishes a person's Home, rendered from the records at that moment. */
import { createHash } from 'node:crypto';
import { mayUse, type Person, refusalOf } from '../../core/policy.ts';
import type { RequestRecord } from '../../core/record.ts';
import { troubleOf } from '../bolt.ts';
import type { Delivered, DeliverTools } from '../deliver-tools.ts';
import { waitsFor } from '../views/approval-line.ts';
import { type HomeContent, homeView, type LinkedRequest, MOST_REQUESTS } from './home-view.ts';

/** One process at a time publishes a Home, so that an older view never replaces a newer one. */
const WAIT_MS = 10_000;
/** Homes look at no more open requests than this. */
const MOST_OPEN = 500;

/** For the outbox: only what is new, and nothing while Slack wants a rest. */
export async function deliverHome(user: string, tools: DeliverTools): Promise<Delivered> {
  const { homes } = tools.records;
  const laterMs = await homes.restsFor();
  if (laterMs > 0) return { laterMs };
  try {
    return await publishHome(user, tools);
  } catch (error) {
    const trouble = troubleOf(error);
    if (trouble.kind === 'slow_down') await homes.rest(trouble.restMs);
    throw error;
  }
}

/** @param anyway also when Slack was shown the same before. Troubles are thrown as Slack's SDK throws them. */
export async function publishHome(user: string, tools: DeliverTools, anyway = false): Promise<Delivered> {
  const { client, dress, records } = tools;
  const publish = async (): Promise<Delivered> => {
    await records.homes.begin(user);
    const view = dress(homeView(await contentFor(user, tools)));
    const digest = createHash('sha256').update(JSON.stringify(view)).digest('base64');
    if (!anyway && (await records.homes.shown(user)) === digest) return 'nothing';
    await client.views.publish({ user_id: user, view });
    await records.homes.setShown(user, digest);
    return 'sent';
  };
  return records.locks.hold(`home:${user}`, publish, WAIT_MS);
}

async function contentFor(user: string, tools: DeliverTools): Promise<HomeContent> {
  const { records, people } = tools;
  const policy = tools.policy();
  const person = await people.person(user);
  const mayLook = mayUse(policy, person, 'doors');
  const [waiting, own, doors, hosts, page, alarms, risks] = await Promise.all([
    waitingFor(person, tools),
    records.requests.latest(MOST_REQUESTS, user),
    mayLook ? records.doors.list() : [],
    mayLook ? records.hosts.list() : [],
    records.homes.page(user),
    mayLook ? records.panic.list() : [],
    mayLook ? records.redisRisks() : [],
  ]);
  return {
    ...(!mayLook && { refusal: refusalOf(policy, 'doors') }),
    mayClose: mayUse(policy, person, 'unexpose'),
    waiting: await withLinks(waiting.slice(0, MOST_REQUESTS), tools),
    waitingInAll: waiting.length,
    own: await withLinks(own, tools),
    doors: doors.reverse(),
    page,
    alarms,
    risks,
    hosts,
    now: Date.now(),
  };
}

/** The requests on which this person may decide, oldest first. */
async function waitingFor(person: Person, { records, policy }: DeliverTools): Promise<RequestRecord[]> {
  const ids = (await records.requests.open()).slice(0, MOST_OPEN);
  const all = await Promise.all(ids.map((id) => records.requests.get(id)));
  const present = all.filter((record) => record !== undefined);
  return present.filter((record) => waitsFor(record, policy(), person, Date.now()));
}

function withLinks(all: readonly RequestRecord[], tools: DeliverTools): Promise<LinkedRequest[]> {
  return Promise.all(
    all.map(async (record) => {
      const link = await linkTo(record.asked.id, tools);
      return link === undefined ? { record } : { record, link };
    }),
  );
}

/** Where the message of a request is; asked of Slack once. */
async function linkTo(id: string, { client, records }: DeliverTools): Promise<string | undefined> {
  const message = await records.requests.message(id);
  if (message === undefined || message.link !== undefined) return message?.link;
  try {
    const { permalink } = await client.chat.getPermalink({
      channel: message.channel,
      message_ts: message.ts,
    });
    if (permalink !== undefined) await records.requests.setMessage(id, { ...message, link: permalink });
    return permalink;
  } catch {
    // The id alone will do.
    return undefined;
  }
}
