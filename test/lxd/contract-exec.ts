/** What Drawbridge believes of programs and files in instances. */
import { expect, it } from 'vitest';
import { parseListeners } from '../../src/core/listeners.ts';
import type { Contract } from './contract.ts';
import { faultOf } from './fault-of.ts';

const TABLES = ['tcp', 'tcp6', 'udp', 'udp6'].map((name) => `/proc/net/${name}`);

export function execContract(contract: Contract): void {
  const listeners = async (instance: string, tables = TABLES) => {
    const { exitCode, stdout } = await contract.client.exec(instance, ['cat', ...tables]);
    expect(exitCode).toBe(0);
    return parseListeners(stdout);
  };

  it('shows what listens', async () => {
    const { web, other, inner } = contract.side;
    const onAll = expect.stringMatching(/^(0\.0\.0\.0|::)$/);
    expect(await listeners(web)).toContainEqual({ protocol: 'tcp', address: onAll, port: 80 });
    expect(await listeners(other)).toContainEqual({ protocol: 'udp', address: onAll, port: 7 });
    expect(await listeners(inner.name)).toEqual([
      { protocol: 'tcp', address: '127.0.0.1', port: inner.port },
    ]);
  });

  it('shows one table', async () => {
    expect(await listeners(contract.side.inner.name, ['/proc/net/udp'])).toEqual([]);
  });

  it('says how a program ended', async () => {
    const { client, side } = contract;
    expect(await client.exec(side.web, ['c-no-such-program'])).toEqual({ exitCode: 127, stdout: '' });
    expect(await client.exec(side.web, ['cat', '/proc/net/nothing'])).toEqual({ exitCode: 1, stdout: '' });
  });

  it('runs several at once', async () => {
    const all = await Promise.all(Array.from({ length: 8 }, () => listeners(contract.side.inner.name)));
    expect(all.every(([first]) => first?.port === contract.side.inner.port)).toBe(true);
  });

  it('runs nothing in an instance that does not run', async () => {
    const fault = await faultOf(contract.client.exec(contract.side.stopped, ['cat', '/proc/net/tcp']));
    expect(fault).toMatchObject({ code: 'lxd_refused', retryable: false });
    expect(fault.message).toContain('Instance is not running');
  });

  it('reads files', async () => {
    const { client, side } = contract;
    expect(await client.readFile(side.web, '/etc/passwd')).toMatch(/^root:/);
    expect(await faultOf(client.readFile(side.web, '/etc/c-nothing'))).toMatchObject({
      code: 'lxd_not_found',
    });
  });

  it('reads no file of /proc: they come empty or not at all', async () => {
    const { client, side } = contract;
    expect(await client.readFile(side.web, '/proc/uptime')).toBe('');
    expect(await faultOf(client.readFile(side.web, '/proc/net/tcp'))).toMatchObject({
      code: 'lxd_not_found',
    });
  });
}
