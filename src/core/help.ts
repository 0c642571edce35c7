/** Every command with what it does and an example that works as typed. The grammar's documentation. */
import type { ActionName } from './request.ts';

export interface CommandHelp {
  usage: string;
  does: string;
  example: string;
  details?: string;
}

const OPENING =
  '`as` is the public side: a port, an address, or `address:port`. `from` limits who may come in: addresses, networks or named ' +
  'networks, with commas. `via` picks the road: `forward`, `proxy` or `userspace`; without it the best one is chosen and the plan ' +
  'says why. `because` keeps your reason. The port may be `53/udp`. Flags like `--as 8080` mean the same.';

export const COMMANDS: Readonly<Record<ActionName, CommandHelp>> = {
  expose: {
    usage:
      'expose <instance> <port>[/udp] [as <public port>] [from <network>…] [via <road>] [because <reason>]',
    does: 'opens a door from outside to a port of an instance',
    example: 'expose blog 80 as 8080 from 10.0.0.0/8 because the team wants to try it',
    details: OPENING,
  },
  unexpose: {
    usage: 'unexpose <instance> <port>[/udp] [as <public port>]',
    does: 'closes a door that Drawbridge opened',
    example: 'unexpose blog 80',
    details: 'Closing never needs approval. What Drawbridge did not open, it does not close.',
  },
  plan: {
    usage: 'plan expose|unexpose …',
    does: 'shows what expose or unexpose would do, changes nothing',
    example: 'plan expose blog 80',
  },
  doors: { usage: 'doors [instance]', does: 'shows the doors that are open', example: 'doors' },
  list: { usage: 'list [host]', does: 'shows the instances of all hosts, or of one', example: 'list' },
  info: {
    usage: 'info <instance>',
    does: 'shows addresses, ports and doors of an instance',
    example: 'info blog',
  },
  hosts: { usage: 'hosts', does: 'shows the hosts and whether they answer', example: 'hosts' },
  requests: {
    usage: 'requests [request]',
    does: 'shows the latest requests, or all that happened to one',
    example: 'requests',
  },
  cancel: {
    usage: 'cancel <request>',
    does: 'takes back a request that waits for approval',
    example: 'cancel req-7k2m9x',
  },
  help: { usage: 'help [command]', does: 'shows this, or one command in full', example: 'help expose' },
};

export const ACTION_NAMES = Object.keys(COMMANDS) as ActionName[];
