/** Whether a cloud answers, and how fast. */
import { z } from 'zod';
import type { Rest } from './call.ts';
import type { CloudClient } from './cloud-client.ts';

export function checkVerb(rest: Rest): Pick<CloudClient, 'check'> {
  const asked = async (service: 'compute' | 'network', signal: AbortSignal | undefined): Promise<number> => {
    const begun = performance.now();
    const doing = `asking ${service === 'compute' ? 'Nova' : 'Neutron'} for its version`;
    await rest.get(z.looseObject({}), { doing, service, path: [''], signal });
    return Math.round(performance.now() - begun);
  };

  return {
    check: async (signal) => {
      await rest.renew(signal);
      const [compute, network] = await Promise.all([asked('compute', signal), asked('network', signal)]);
      return { compute, network };
    },
  };
}
