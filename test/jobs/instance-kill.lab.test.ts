/** Workers killed while they do something with an instance of a real LXD. */
import { describeLab } from '../lab/describe-lab.ts';
import { type Deed, instanceKill } from './instance-kill.ts';

/** Restoring with a door: stop, restore, the door's pin, start. Deleting with one: forward, pin, stop, delete. */
const DEEDS: Deed[] = [
  { action: 'launch', calls: 2 },
  { action: 'restart', calls: 2 },
  { action: 'snapshot', calls: 1 },
  { action: 'restore', calls: 4 },
  { action: 'delete', calls: 4 },
];

describeLab('a worker killed while it works on an instance', (lab) => {
  const { web1 } = lab.hosts;
  const prepare = async () => ({
    side: { host: 'web1', socket: web1.socket, address: web1.address, image: 'lab', firstPort: 9_650 },
    end: async () => {},
  });
  // Before one call is after the one before it, and before the first nothing has happened yet.
  instanceKill(DEEDS, prepare, ['after']);
});
