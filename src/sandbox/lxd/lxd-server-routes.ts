/** What the pretended LXD says of itself, and its operations. */
import { synced } from './lxd-answer.ts';
import type { LxdParts, Routes } from './lxd-routes.ts';

/** Of 5.0.2's extensions those that Drawbridge looks for and those that its calls are made of. */
const EXTENSIONS = [
  'etag',
  'patch',
  'network',
  'container_exec_recording',
  'proxy',
  'proxy_udp',
  'proxy_nat',
  'network_state',
  'operation_description',
  'container_full',
  'projects',
  'instances',
  'instance_nic_network',
  'network_acl',
  'network_bridge_acl',
  'network_forward',
  'resources',
  'console',
  'container_last_used_at',
];

export function serverRoutes({ operations }: LxdParts): Routes {
  return {
    'GET ': () =>
      synced({
        config: {},
        api_extensions: EXTENSIONS,
        api_status: 'stable',
        api_version: '1.0',
        auth: 'trusted',
        public: false,
        auth_methods: ['tls'],
        environment: {
          server: 'drawbridge-sandbox',
          server_version: '5.0.2-sandbox',
          server_name: 'sandbox',
          architectures: ['x86_64'],
          project: 'default',
        },
      }),
    'GET operations': () => synced(operations.list()),
    'GET operations/*/wait': ({ query }, id = '') => {
      const asked = Number(query.get('timeout') ?? -1);
      // A day stands for LXD's -1, for ever.
      return operations.wait(id, asked < 0 ? 86_400 : asked);
    },
  };
}
