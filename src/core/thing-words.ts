/** Things in words: what putting and removing each of them does. */

import { cloudPutInWords, cloudRemoveInWords } from './cloud-thing-words.ts';
import { doorsInWords } from './names.ts';
import { placeOfPanic } from './panic.ts';
import { type Protocol, portOf } from './request.ts';
import { sourcesInWords } from './sources.ts';
import { momentInWords, spanInWords } from './span.ts';
import type { Thing, ThingOf } from './thing.ts';

/** One line: what is there afterwards. */
export function putInWords(thing: Thing): string {
  switch (thing.kind) {
    case 'pin':
      return `keep ${thing.instance} at ${thing.address} (${thing.nic})`;
    case 'filter':
      return `let only ${thing.sources.join(', ')} reach ${thing.address}:${portOf(thing.port, thing.protocol)}`;
    case 'guard':
      return `let ${thing.host} itself drop whoever is not ${sourcesInWords(thing.sources)} at ${placeOf(thing)}${timeOf(thing)}`;
    case 'guard_end':
      return `let ${thing.host} itself drop everybody at ${placeOf(thing)} from ${momentInWords(thing.until)} on, not from ${momentInWords(thing.was)} on`;
    case 'forward':
      return `forward ${outside(thing)} on ${thing.host} to ${thing.targetAddress}:${thing.targetPort}`;
    case 'proxy':
      return `proxy ${outside(thing)} on ${thing.host} to ${thing.connectAddress}:${thing.connectPort} in ${thing.instance}`;
    case 'nic':
      return `give ${thing.instance} a ${thing.nictype} card as its ${thing.device}${thing.parent === undefined ? '' : ` on ${thing.parent}`}, and restart it`;
    case 'known_host':
      return `wait for LXD on ${thing.host}, and take the host in`;
    case 'drained':
      return `place nothing more on ${thing.host}`;
    case 'panic':
      return `hold every opening on ${placeOfPanic(thing.host)}`;
    case 'forwards':
      return `forward to ${doorsInWords(thing.doors)} at ${thing.listenAddress} on ${thing.host}`;
    case 'instance':
      return `make ${thing.instance} on ${thing.host}${thing.from === undefined ? '' : ` from ${thing.from.name}`}`;
    case 'power': {
      const verb = thing.wanted === 'running' ? 'start' : 'stop';
      return `${verb} ${thing.instance} on ${thing.host}${thing.withAddress === true ? ', and wait for its address' : ''}`;
    }
    case 'snapshot':
      return `keep ${thing.instance} on ${thing.host} as ${thing.snapshot}`;
    case 'restored':
      return `put ${thing.instance} on ${thing.host} back to ${thing.snapshot}`;
    case 'end':
      return `close ${thing.door} at ${momentInWords(thing.until)}, not at ${momentInWords(thing.was)}`;
    case 'entry':
      return `take ${thing.door} into the register as it stands on ${thing.host}`;
    default:
      return cloudPutInWords(thing);
  }
}

/** One line: what is gone afterwards. */
export function removeInWords(thing: Thing): string {
  switch (thing.kind) {
    case 'pin':
      return `no longer keep ${thing.instance} at ${thing.address} for this door`;
    case 'filter':
      return `drop the source filter of ${thing.address}:${portOf(thing.port, thing.protocol)}`;
    case 'guard':
      return `let ${thing.host} itself cut what is open at ${placeOf(thing)}`;
    case 'guard_end':
      return `let ${thing.host} itself drop everybody at ${placeOf(thing)} from ${momentInWords(thing.was)} on again`;
    case 'forward':
      return `remove the forward of ${outside(thing)} on ${thing.host}`;
    case 'proxy':
      return `remove the proxy of ${outside(thing)} on ${thing.host}`;
    case 'nic':
      return `give ${thing.instance} back the ${thing.device} that it had, and restart it`;
    case 'known_host':
      return `forget the host ${thing.host}`;
    case 'drained':
      return `place things on ${thing.host} again`;
    case 'panic':
      return `let doors be opened on ${placeOfPanic(thing.host)} again`;
    case 'forwards':
      return `remove the forwards of ${doorsInWords(thing.doors)} at ${thing.listenAddress} on ${thing.host}, with one call`;
    case 'instance':
      return `delete ${thing.instance} on ${thing.host}`;
    case 'snapshot':
      return `delete the snapshot ${thing.snapshot} of ${thing.instance} on ${thing.host}`;
    case 'end':
      return `close ${thing.door} at ${momentInWords(thing.was)} again`;
    case 'entry':
      return `leave ${thing.door} in the register`;
    case 'power':
    case 'restored':
      return `leave ${thing.instance} on ${thing.host} as it is`;
    default:
      return cloudRemoveInWords(thing);
  }
}

function placeOf({ address, port, protocol }: { address: string; port: number; protocol: Protocol }): string {
  return `${address}:${portOf(port, protocol)}`;
}

function timeOf({ forSeconds, until }: ThingOf<'guard'>): string {
  if (until !== undefined) return `, and everybody from ${momentInWords(until)} on`;
  return forSeconds === undefined ? '' : `, and everybody after ${spanInWords(forSeconds)}`;
}

function outside(thing: { listenAddress: string; listenPort: number; protocol: Protocol }): string {
  return `${thing.listenAddress}:${portOf(thing.listenPort, thing.protocol)}`;
}
