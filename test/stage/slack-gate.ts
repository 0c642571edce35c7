/** A door keeper in front of Slack's Web API: passes calls on to the emulator, counts them, and breaks some. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a call gets. pass: Slack's own answer. lost: that answer, but it never arrives. */
export type SlackDeed = 'pass' | 'lost' | 'drop' | 'down' | 'busy' | 'hang';

export interface SlackGate {
  /** For SLACK_API_URL. */
  url: string;
  /** Calls that change something in Slack, since the start. */
  calls: string[];
  close(): Promise<void>;
}

/** @param on what happens to a call that changes something in Slack: its method, and the how manieth it is */
export async function openSlackGate(
  api: string,
  on: (method: string, number: number) => SlackDeed,
): Promise<SlackGate> {
  const calls: string[] = [];
  const server = createServer(async (incoming, response) => {
    const method = (incoming.url ?? '').replace(/^\/api\/|\?.*$/g, '');
    const changes = /^(chat|views|conversations\.open|files)/.test(method);
    if (changes) calls.push(method);
    const deed = changes ? on(method, calls.length) : 'pass';
    const chunks: Buffer[] = [];
    for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk);
    if (deed === 'hang') return;
    if (deed === 'drop') return void incoming.socket.destroy();
    if (deed === 'down') return void response.writeHead(500).end('upstream went away');
    if (deed === 'busy') return void response.writeHead(429, { 'retry-after': '1' }).end();
    const { authorization = '', 'content-type': type = 'application/json' } = incoming.headers;
    const answer = await fetch(new URL(method, api), {
      method: 'POST',
      headers: { authorization, 'content-type': type },
      body: Buffer.concat(chunks),
    });
    const text = await answer.text();
    if (deed === 'lost') return void incoming.socket.destroy();
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/`,
    calls,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
