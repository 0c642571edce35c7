/** The life of instances, on a real LXD. */
import { expect, it } from 'vitest';
import { connectHosts } from '../../jobs/connect-hosts.ts';
import { readLogs } from '../../jobs/observe/read-logs.ts';
import type { FileConfig } from '../../src/config-file.ts';
import { ALL_PORTS } from '../../src/config-kinds.ts';
import type { KnownHosts } from '../../src/records/known-hosts.ts';
import { describeLab } from '../lab/describe-lab.ts';
import { launchInstance, lxc } from '../lab/lab.ts';
import { instanceLife } from './instance-life.ts';

describeLab('instances of a real LXD', (lab) => {
  const { web1, web2 } = lab.hosts;
  instanceLife(async () => ({
    side: { host: 'web2', socket: web2.socket, address: web2.address, image: 'lab', firstPort: 9_600 },
    end: async () => {},
  }));

  it('what they say comes from their files, their console or LXC, without secrets', async () => {
    const host = { unix: web1.socket, public_address: web1.address, public_ports: ALL_PORTS, ssh_port: 22 };
    const register = { list: async () => [], drained: async () => new Set<string>() };
    const file = { hosts: { web1: host }, clouds: {} } as unknown as FileConfig;
    const hosts = connectHosts(file, [], register as unknown as KnownHosts);
    const sh = (line: string) => lxc(web1, 'exec', 'life-logs', '--', 'sh', '-c', line);
    const read = async (lines?: number) => {
      const answer = await readLogs({ instance: 'life-logs' }, lines, AbortSignal.timeout(20_000), { hosts });
      return answer.kind === 'logs' ? answer : expect.fail(JSON.stringify(answer));
    };
    await launchInstance(web1, 'life-logs');
    try {
      await sh('echo "hello, token=planted" > /dev/console; echo goodbye > /dev/console');
      expect(await read()).toMatchObject({
        source: 'its console, since it was last read',
        lines: ['hello, token=•••', 'goodbye'],
      });
      expect((await read()).lines).toEqual([]);
      await sh(
        'mkdir -p /var/log; seq 1 300 > /var/log/messages; echo "password: planted" >> /var/log/messages',
      );
      expect(await read(3)).toMatchObject({
        source: '/var/log/messages',
        lines: ['299', '300', 'password: •••'],
      });
      expect((await read()).lines).toHaveLength(20);
      expect((await read(200)).lines).toHaveLength(200);
      await lxc(web1, 'stop', '--force', 'life-logs');
      const stopped = await read();
      expect(stopped.source).toBe('its console, until it stopped');
      expect(stopped.lines).toContain('goodbye');
    } finally {
      await lxc(web1, 'delete', '--force', 'life-logs');
      await hosts.close();
    }
  });
});
