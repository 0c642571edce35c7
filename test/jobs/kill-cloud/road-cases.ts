/** The roads through a cloud: the changes that open and close each, in order, and what stands in between. */
import type { InCloud } from './cloud-ledger.ts';
import type { OnLxd } from './lxd-ledger.ts';

export interface RoadCase {
  name: string;
  /** What is asked for of an instance; the text behind `expose`. */
  ask(instance: string): { open: string; close: string };
  /** Whether the instance asks the LAN's DHCP for an address. */
  leased: boolean;
  /** Whether the project has a free floating IP. */
  lent: boolean;
  opening: readonly string[];
  closing: readonly string[];
  inCloud: InCloud;
  onLxd: OnLxd;
}

export const NOTHING: InCloud = {
  ...{ floatingIps: 0, lent: 0, forwardings: 0, ports: 0, plugged: 0 },
  ...{ groups: 0, hung: 0, rules: 0, claims: 0, pairs: 0 },
};
export const UNTOUCHED: OnLxd = { status: 'Running', devices: [], keys: [], forwarded: [] };

const claim = (service: string): string => `/security-groups/*/tags/door:${service}`;
const ANYONE = claim('tcp:80:0.0.0.0_0');
const DHCP = claim('udp:68:198.51.100.2_32');

const PIN = ['PUT /instances/*'];
const PROXY = ['PUT /instances/*'];
const GROUP = ['POST /security-groups', 'PUT /ports/*'];
const NO_GROUP = ['PUT /ports/*', 'DELETE /security-groups/*'];
const ADDRESS = ['POST /floatingips', 'PUT /floatingips/*/tags/door'];
const RULE = [`PUT ${ANYONE}`, 'POST /security-group-rules'];
const NO_RULE = ['DELETE /security-group-rules/*', `DELETE ${ANYONE}`];
const DHCP_RULE = [`PUT ${DHCP}`, 'POST /security-group-rules'];
const NO_DHCP_RULE = ['DELETE /security-group-rules/*', `DELETE ${DHCP}`];
const PORT = ['POST /ports', 'PUT /ports/*/tags/door'];
const PAIR = ['PUT /ports/*'];
/** A note that it is to run again, a stop, the device, a start, the note taken off: giving and taking away are alike. */
const CARD = [
  'PUT /instances/*',
  'PUT /instances/*/state',
  'PUT /instances/*',
  'PUT /instances/*/state',
  'PUT /instances/*',
];

const onHost = { groups: 1, hung: 1, rules: 1, claims: 1 };
const pinned = { devices: ['eth0'], keys: ['user.drawbridge.pin'] };
const card = { devices: ['eth0'], keys: ['user.drawbridge.card'] };

export const ROAD_CASES: readonly RoadCase[] = [
  {
    ...toInstance('forward'),
    opening: [...PIN, 'POST /networks/*/forwards', ...GROUP, ...ADDRESS, ...RULE],
    closing: [...NO_RULE, 'DELETE /floatingips/*', ...NO_GROUP, 'DELETE /networks/*/forwards/*', ...PIN],
    inCloud: { ...NOTHING, ...onHost, floatingIps: 1 },
    onLxd: { ...UNTOUCHED, ...pinned, forwarded: ['80'] },
  },
  {
    ...toInstance('proxy'),
    opening: [...PIN, ...PROXY, ...GROUP, ...ADDRESS, ...RULE],
    closing: [...NO_RULE, 'DELETE /floatingips/*', ...NO_GROUP, ...PROXY, ...PIN],
    inCloud: { ...NOTHING, ...onHost, floatingIps: 1 },
    onLxd: { ...UNTOUCHED, ...pinned, devices: ['drawbridge-door', 'eth0'] },
  },
  {
    ...toInstance('fip-port'),
    opening: [
      ...PIN,
      'POST /networks/*/forwards',
      ...[...GROUP, ...ADDRESS],
      'POST /floatingips/*/port_forwardings',
      ...RULE,
    ],
    closing: [
      ...NO_RULE,
      'DELETE /floatingips/*/port_forwardings/*',
      'DELETE /floatingips/*',
      ...NO_GROUP,
      'DELETE /networks/*/forwards/*',
      ...PIN,
    ],
    inCloud: { ...NOTHING, ...onHost, floatingIps: 1, forwardings: 1 },
    onLxd: { ...UNTOUCHED, ...pinned, forwarded: ['80'] },
  },
  {
    ...toServer('server'),
    opening: [...GROUP, ...ADDRESS, ...RULE],
    closing: [...NO_RULE, 'DELETE /floatingips/*', ...NO_GROUP],
    inCloud: { ...NOTHING, ...onHost, floatingIps: 1 },
  },
  {
    ...toServer('server, by a floating IP that was free'),
    lent: true,
    opening: [...GROUP, 'PUT /floatingips/*/tags/door', 'PUT /floatingips/*', ...RULE],
    closing: [...NO_RULE, 'PUT /floatingips/*', 'DELETE /floatingips/*/tags/door', ...NO_GROUP],
    inCloud: { ...NOTHING, ...onHost, lent: 1 },
  },
  {
    ...toInstance('routed'),
    opening: [...PORT, ...PAIR, ...CARD, ...GROUP, ...ADDRESS, ...RULE],
    closing: [...NO_RULE, 'DELETE /floatingips/*', ...NO_GROUP, ...CARD, ...PAIR, 'DELETE /ports/*'],
    inCloud: { ...NOTHING, ...onHost, floatingIps: 1, ports: 1, pairs: 1 },
    onLxd: { ...UNTOUCHED, ...card, devices: ['door0'] },
  },
  {
    ...toInstance('bridged'),
    leased: true,
    opening: [...PORT, ...GROUP, ...DHCP_RULE, ...PAIR, ...CARD, ...ADDRESS, ...RULE],
    closing: [
      ...[...NO_RULE, ...NO_DHCP_RULE],
      'DELETE /floatingips/*',
      ...[...NO_GROUP, ...CARD, ...PAIR],
      'DELETE /ports/*',
    ],
    inCloud: { ...NOTHING, ...onHost, rules: 2, claims: 2, floatingIps: 1, ports: 1, pairs: 1 },
    onLxd: { ...UNTOUCHED, ...card },
  },
  {
    ...toInstance('port'),
    leased: true,
    opening: [
      'POST /security-groups',
      ...[...PORT, 'POST /servers/*/os-interface'],
      ...[...CARD, ...ADDRESS, ...RULE],
    ],
    closing: [
      ...[...NO_RULE, 'DELETE /floatingips/*', ...NO_GROUP, ...CARD],
      'DELETE /servers/*/os-interface/*',
      'DELETE /ports/*',
    ],
    inCloud: { ...NOTHING, ...onHost, hung: 0, floatingIps: 1, ports: 1, plugged: 1 },
    onLxd: { ...UNTOUCHED, ...card },
  },
];

function toInstance(road: string) {
  const ask = (instance: string) => ({ open: `${instance} 80 via ${road}`, close: `${instance} 80` });
  return { name: road, ask, leased: false, lent: false };
}

function toServer(name: string) {
  const ask = () => ({ open: 'server:web1 80', close: 'server:web1 80' });
  return { name, ask, leased: false, lent: false, onLxd: UNTOUCHED };
}
