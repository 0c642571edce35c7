/** Things in a cloud, in words. */
import { portOf } from './request.ts';
import { sourcesInWords } from './sources.ts';
import type { CloudThing } from './thing.ts';

/** One line: what is there afterwards. */
export function cloudPutInWords(thing: CloudThing): string {
  switch (thing.kind) {
    case 'group':
      return `have the security group ${thing.name}${thing.port === undefined ? '' : ' on its port'}`;
    case 'rule':
      return `let ${sourcesInWords(thing.sources)} in to ${portOf(thing.port, thing.protocol)} by the group ${thing.group}`;
    case 'floating_ip':
      return `point ${thing.address ?? 'a new floating IP'} there${thing.port === undefined ? ', port by port' : ''}`;
    case 'port':
      return thing.use === 'reservation'
        ? 'reserve an address in the cloud for it'
        : 'make a port in the cloud for it';
    case 'pair':
      return `let the host’s port carry that address${thing.withMac ? ' and its hardware address' : ''}`;
    case 'plug':
      return 'plug the port into the host';
    case 'port_forwarding':
      return `forward port ${portOf(thing.publicPort, thing.protocol)} of the floating IP to ${thing.fixedAddress}:${thing.port}`;
    case 'key_pair':
      return `have the key pair ${thing.name}`;
    case 'server':
      return `boot the server ${thing.name} from ${thing.image.name} with ${thing.flavor.name}`;
  }
}

/** One line: what is gone afterwards. */
export function cloudRemoveInWords(thing: CloudThing): string {
  switch (thing.kind) {
    case 'group':
      return `drop the security group ${thing.name}, unless others need it`;
    case 'rule':
      return `no longer let ${sourcesInWords(thing.sources)} in to ${portOf(thing.port, thing.protocol)} by the group ${thing.group}, unless others need it`;
    case 'floating_ip':
      return `let go of ${thing.address ?? 'the floating IP'}, unless others need it`;
    case 'port':
      return 'delete its port in the cloud';
    case 'pair':
      return 'no longer let the host’s port carry that address';
    case 'plug':
      return 'unplug the port from the host';
    case 'port_forwarding':
      return `remove the forwarding of port ${portOf(thing.publicPort, thing.protocol)} of the floating IP`;
    case 'key_pair':
      return `delete the key pair ${thing.name}, unless others need it`;
    case 'server':
      return `delete the server ${thing.name}`;
  }
}
