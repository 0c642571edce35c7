/** Every command with what it does and an example that works as typed. The grammar's documentation. */
import { type ActionName, ROAD_NAMES } from '../request.ts';

export interface CommandHelp {
  usage: string;
  does: string;
  example: string;
  details?: string;
}

const OPENING =
  '`as` is the public side: a port, an address, or `address:port`. `from` limits who may come in: addresses, networks or named ' +
  `networks, with commas. \`via\` picks the road: ${ROAD_NAMES.map((name) => `\`${name}\``).join(', ')}; without it the best one ` +
  'is chosen and the plan says why. `for 2h` has it closed after that time (`s`, `m`, `h`, `d`), `until 18:00`, `until friday 18:00` or `until 2026-11-30 18:00` at that moment. `because` keeps your reason. The port may be `53/udp`. A server of a cloud is ' +
  '`server:web` or `server:public/web`. Flags like `--as 8080` mean the same.';

export const COMMANDS: Readonly<Record<ActionName, CommandHelp>> = {
  expose: {
    usage:
      'expose <instance> <port>[/udp] [as <public port>] [from <network>…] [via <road>] [for <time>|until <moment>] [because <reason>]',
    does: 'opens a door from outside to a port of an instance',
    example: 'expose blog 80 from 10.0.0.0/8 for 2h',
    details: `\`/lxd expose\` alone opens a form with pickers. ${OPENING}`,
  },
  unexpose: {
    usage: 'unexpose <instance> <port>[/udp] [as <public port>] [because <reason>]',
    does: 'closes a door that Drawbridge opened',
    example: 'unexpose blog 80',
    details: 'Closing never needs approval. What Drawbridge did not open, it does not close.',
  },
  extend: {
    usage: 'extend <instance> <port>[/udp] [as <public port>] by <time>|until <moment> [because <reason>]',
    does: 'moves the end of a door that was opened for some time',
    example: 'extend blog 80 by 2h',
    details:
      'It asks for the approval that opening this very door would need. The time is like `30m`, `2h` or `7d`, the moment like `18:00` or `friday 18:00`.',
  },
  repair: {
    usage: 'repair <instance> <port>[/udp] [as <public port>] [because <reason>]',
    does: 'puts again what of a door is missing or was changed by hand',
    example: 'repair blog 80',
    details:
      'The door stays what it is, until the same end. It asks for the approval that opening it would need.',
  },
  adopt: {
    usage: 'adopt <instance> <port>[/udp] [as <public port>] [because <reason>]',
    does: 'takes a door as it stands into the register, where it was changed by hand or is not known',
    example: 'adopt blog 80',
    details: 'It asks for the approval that opening it as it stands would need, and changes nothing there.',
  },
  plan: {
    usage: 'plan <command that changes something>',
    does: 'shows what a command would do, changes nothing',
    example: 'plan expose blog 80',
    details: 'It works for every command that changes something, like `plan delete blog`.',
  },
  policy: {
    usage: 'policy <command that changes something>',
    does: 'shows who could approve a command, and why, before anybody tries it',
    example: 'policy expose blog 22',
    details:
      'It looks at the world as `plan` does, asks the policy as if you had typed the command here and now, and changes nothing.',
  },
  why: {
    usage: 'why <instance> <port>[/udp] [as <public port>] [from <network>…]',
    does: 'looks at the road to a port hop by hop, and names the first one that is broken',
    example: 'why blog 80 from 10.0.0.0/8',
    details:
      'Only you see the answer. It looks now: at the public address, security group and rules, guard, forward, filter, address, ' +
      'instance, at what listens, and knocks from outside. With `from` it says whether these are let in, and by what. Doors that ' +
      'Drawbridge did not make are looked at, too. It changes nothing.',
  },
  doors: { usage: 'doors [instance]', does: 'shows the doors that are open', example: 'doors' },
  list: { usage: 'list [host]', does: 'shows the instances of all hosts, or of one', example: 'list' },
  info: {
    usage: 'info <instance>',
    does: 'shows addresses, ports, snapshots and doors of an instance',
    example: 'info blog',
  },
  logs: {
    usage: 'logs <instance> [lines]',
    does: 'shows you the last lines of an instance’s console',
    example: 'logs blog 50',
    details:
      'Only you see the answer. 20 lines by default, at most 200; whatever looks like a password, token or key is cut out.',
  },
  launch: {
    usage:
      'launch <image> <instance> [on <host>] [profile <profile>…] [expose <port>[/udp] [for <time>]] [because <reason>]',
    does: 'makes an instance from an image, starts it and waits for its address',
    example: 'launch debian/12 blog on web1 profile default expose 80',
    details:
      'Without `on` the host with the most free memory and disk is taken, and the plan says why. The image is an alias or a ' +
      'fingerprint of the host, or an alias of the image server in the configuration. `expose` asks for a door as soon as the ' +
      'instance runs: a request of its own, with its own approval. `web1/blog` names the host as well.',
  },
  start: { usage: 'start <instance> [because <reason>]', does: 'starts an instance', example: 'start blog' },
  stop: {
    usage: 'stop <instance> [because <reason>]',
    does: 'stops an instance',
    example: 'stop blog because it is not needed at night',
    details: 'It needs approval where doors lead to the instance: they lead nowhere until it runs again.',
  },
  restart: {
    usage: 'restart <instance> [because <reason>]',
    does: 'stops an instance and starts it again',
    example: 'restart blog',
    details: 'It needs approval where doors lead to the instance: they lead nowhere in between.',
  },
  delete: {
    usage: 'delete <instance> [because <reason>]',
    does: 'closes the doors of an instance, then deletes it with its snapshots',
    example: 'delete blog because the demo is over',
    details: 'It always needs approval. Nothing brings it back.',
  },
  snapshot: {
    usage: 'snapshot <instance> [name] [because <reason>]',
    does: 'keeps an instance as it is now',
    example: 'snapshot blog before-update',
  },
  restore: {
    usage: 'restore <instance> [snapshot] [because <reason>]',
    does: 'puts an instance back to a snapshot',
    example: 'restore blog before-update',
    details:
      'It always needs approval: what changed since is lost. Without a name the newest snapshot is taken.',
  },
  hosts: {
    usage: 'hosts',
    does: 'shows the hosts and clouds and whether they answer',
    example: 'hosts',
  },
  doctor: {
    usage: 'doctor',
    does: 'examines the installation and says what to mend: Slack, Redis, policy, queues, hosts, keys, clouds',
    example: 'doctor',
    details:
      'Only you see the answer. The bot’s part comes at once, the workers’ part a moment later. It changes nothing.',
  },
  'host create': {
    usage:
      'host create <host> [on <cloud>] [flavor <flavor>] [image <image>] [network <network>] [key <key pair>] [zone <zone>] [because <reason>]',
    does: 'makes a server in a cloud and an LXD host of it',
    example: 'host create web9 flavor m1.small',
    details:
      'What is not named comes from the configuration of the cloud. Names with blanks stand in quotes. It needs approval.',
  },
  'host adopt': {
    usage: 'host adopt <host> on <cloud>|at <address> [user <user>] [because <reason>]',
    does: 'takes in a machine with LXD that exists',
    example: 'host adopt web7 at 198.51.100.7 user debian',
    details:
      '`on` takes the server of that name in a cloud, `at` any machine. The plan shows what would be trusted.',
  },
  'host drain': {
    usage: 'host drain <host> [off] [because <reason>]',
    does: 'closes the doors of a host and places nothing new there',
    example: 'host drain web9',
    details: '`off` takes it back: new doors and instances are placed there again.',
  },
  'host delete': {
    usage: 'host delete <host> [with instances] [because <reason>]',
    does: 'closes the doors of a host and deletes the server that Drawbridge made for it',
    example: 'host delete web9',
    details:
      'It needs approvals by two people. A host with instances is refused unless you say `with instances`. What Drawbridge did not make is only forgotten.',
  },
  panic: {
    usage: 'panic [host|all] [because <reason>]   panic off [host|all]',
    does: 'closes every door at once, without approvals; `off` opens them again, with approval',
    example: 'panic web1 because somebody is in',
    details:
      'A button confirms it. From then on no door is opened there until `panic off` is approved; that shows first what it would ' +
      'open again. Connections that are open live on until they end.',
  },
  requests: {
    usage: 'requests [mine|request]',
    does: 'shows the latest requests, your own, or all that happened to one',
    example: 'requests',
  },
  audit: {
    usage: 'audit [instance|@person|request] [since <time>] [before <entry>] [as json|csv]',
    does: 'shows what was asked, decided and done, the newest first, or sends it to you as a file',
    example: 'audit blog since 2h',
    details:
      'Only you see the answer. `since` takes `30m`, `2h`, `7d`, or a day like `2026-11-01`, with `12:30` behind it where that matters ' +
      '(UTC). `before` pages: each page says how to see the one before it.',
  },
  cancel: {
    usage: 'cancel <request>',
    does: 'cancels a request, also while its steps run, and takes back what it has done',
    example: 'cancel req-7k2m9x',
    details:
      'You may cancel what you asked for, and what you could decide on. Closing a door, and whatever nothing brings back, goes on to its end.',
  },
  help: { usage: 'help [command]', does: 'shows this, or one command in full', example: 'help expose' },
};

export const ACTION_NAMES = Object.keys(COMMANDS) as ActionName[];
