/** Looks at public ports from the outside, for tests: what answers there, seen from which address. */
import { createSocket } from 'node:dgram';
import { request } from 'node:http';
import { connect } from 'node:net';

export interface From {
  /** The address to come from; the machine's own choice when absent. */
  from?: string | undefined;
  ms?: number;
}

/** The title of the page there; undefined when no page comes. */
export function titleAt(
  address: string,
  port: number,
  { from, ms = 1_000 }: From = {},
): Promise<string | undefined> {
  return new Promise((resolve) => {
    const call = request(
      { host: address, port, agent: false, timeout: ms, ...(from !== undefined && { localAddress: from }) },
      (response) => {
        let text = '';
        response.on('data', (chunk) => {
          text += String(chunk);
        });
        response.on('close', () => resolve(/<title>(.*)<\/title>/.exec(text)?.[1]));
      },
    );
    call.on('timeout', () => call.destroy());
    call.on('error', () => resolve(undefined));
    call.end();
  });
}

/** Whether a connection there is made and stays for a while without a word. */
export function staysOpen(address: string, port: number, ms = 300): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port });
    let open = false;
    const end = (): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(open);
    };
    const timer = setTimeout(end, ms + 1_000);
    socket.on('connect', () => {
      open = true;
      setTimeout(end, ms);
    });
    socket.on('close', () => {
      open = false;
      end();
    });
    socket.on('error', () => {});
    socket.on('end', () => socket.destroy());
  });
}

/** What comes back for a datagram; undefined for nothing. */
export function echoOf(address: string, port: number, text: string, ms = 1_000): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    const end = (answer: string | undefined): void => {
      clearTimeout(timer);
      socket.close();
      resolve(answer);
    };
    const timer = setTimeout(() => end(undefined), ms);
    socket.on('message', (message) => end(String(message)));
    socket.on('error', () => end(undefined));
    // Connected, so that a port unreachable from there is an error here.
    socket.connect(port, address, () => socket.send(text));
  });
}
