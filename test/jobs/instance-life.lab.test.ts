/** The life of instances, on a real LXD. */
import { describeLab } from '../lab/describe-lab.ts';
import { instanceLife } from './instance-life.ts';

describeLab('instances of a real LXD', (lab) => {
  const { web2 } = lab.hosts;
  instanceLife(async () => ({
    side: { host: 'web2', socket: web2.socket, address: web2.address, image: 'lab', firstPort: 9_600 },
    end: async () => {},
  }));
});
