/** The user data of new hosts, run for real where a shell can, and what their console says of them. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { cloudInit, restrictedKey } from '../../src/core/cloud-init.ts';
import { readConsole } from '../../src/core/console-news.ts';

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKexampleexampleexampleexampleexampleexampleex drawbridge';
const parts = { name: 'web9', user: 'drawbridge', publicKey: KEY, withDefaultUser: false };

interface Document {
  users: (string | { name: string; ssh_authorized_keys: string[]; groups: string[]; shell: string })[];
  write_files: { path: string; content: string; permissions?: string }[];
  runcmd: string[][];
}

function documentOf(changes: Partial<typeof parts> = {}): Document {
  const text = cloudInit({ ...parts, ...changes });
  expect(text.startsWith('#cloud-config\n')).toBe(true);
  return parse(text, { version: '1.1' }) as Document;
}

describe('user data', () => {
  test('gives Drawbridge a user that can open LXD’s socket and run its guard, and nothing else', () => {
    const [user, other] = documentOf().users;
    expect(other).toBeUndefined();
    expect(user).toMatchObject({ name: 'drawbridge', groups: ['lxd'], shell: '/bin/sh' });
    expect(restrictedKey(KEY)).toBe(
      `restrict,port-forwarding,permitopen="[/var/lib/lxd/unix.socket]:*",permitopen="[/var/snap/lxd/common/lxd/unix.socket]:*",command="sudo -n /usr/local/sbin/drawbridge-guard run" ${KEY}`,
    );
  });

  test('keeps the image’s own user only for a key pair that people named', () => {
    expect(documentOf({ withDefaultUser: true }).users[0]).toBe('default');
  });

  test('is smaller than what Nova takes (65,535 bytes in base64)', () => {
    expect(Buffer.from(cloudInit(parts)).toString('base64').length).toBeLessThan(65_535);
  });
});

describe('the script in it', () => {
  /** A PATH on which every program that the script may run says what it was asked. */
  function run(programs: Record<string, string>): {
    said: string;
    calls: string[];
    preseed: string;
    status: number | null;
  } {
    const folder = mkdtempSync(join(tmpdir(), 'db-init-'));
    const bin = join(folder, 'bin');
    mkdirSync(bin);
    const log = join(folder, 'calls');
    // Nothing of this machine is on the PATH but what a script cannot do without.
    for (const name of ['cat', 'cut', 'dirname', 'ln', 'sed']) {
      const real = ['/usr/bin', '/bin'].map((place) => join(place, name)).find(existsSync);
      symlinkSync(real ?? '', join(bin, name));
    }
    for (const [name, body] of Object.entries(programs)) {
      writeFileSync(join(bin, name), `#!/bin/sh\necho "${name} $*" >> ${log}\n${body}\n`);
      chmodSync(join(bin, name), 0o755);
    }
    const { write_files } = documentOf();
    const [script, preseed] = write_files;
    const text = (script?.content ?? '')
      .replaceAll('/dev/console', join(folder, 'console'))
      .replaceAll('/etc/drawbridge-preseed.json', join(folder, 'preseed.json'))
      .replaceAll('/etc/ssh/', `${folder}/`)
      .replaceAll('/sys/class/net/', `${folder}/net/`)
      .replaceAll('/usr/lib/udev/', `${folder}/udev/`)
      .replaceAll(' > ', ' >> ');
    mkdirSync(join(folder, 'net', 'ens3'), { recursive: true });
    writeFileSync(join(folder, 'net', 'ens3', 'mtu'), '1450\n');
    writeFileSync(join(folder, 'ssh_host_ed25519_key.pub'), `${KEY}\n`);
    writeFileSync(join(folder, 'preseed.json'), preseed?.content ?? '');
    const { status } = spawnSync('/bin/sh', ['-c', text], { env: { PATH: bin }, timeout: 10_000 });
    const read = (name: string) =>
      existsSync(join(folder, name)) ? readFileSync(join(folder, name), 'utf8') : '';
    const result = {
      said: read('console'),
      calls: read('calls').trim().split('\n'),
      preseed: read('given'),
      status,
    };
    rmSync(folder, { recursive: true });
    return result;
  }
  const route = 'echo "default via 10.30.0.1 dev ens3 proto dhcp src 10.30.0.7 metric 100"';
  const lxd = 'case "$1" in init) cat > "$(dirname "$0")/../given";; esac';

  test('sets LXD up with the MTU of the uplink, and says its host key first', () => {
    const { said, calls, preseed, status } = run({ lxd, lxc: 'exit 1', ip: route });
    expect(status).toBe(0);
    expect(said.split('\n')[0]).toContain('drawbridge: host key ssh-ed25519 AAAA');
    expect(said).toContain('drawbridge: phase ready');
    expect(calls).toContain('lxd init --preseed');
    expect(JSON.parse(preseed)).toMatchObject({
      networks: [{ name: 'lxdbr0', config: { 'bridge.mtu': '1450' } }],
    });
  });

  test('leaves an LXD alone that is set up', () => {
    expect(run({ lxd, lxc: 'exit 0', ip: route }).calls).not.toContain('lxd init --preseed');
  });

  test.each([
    [
      'snap',
      { snap: 'ln -s "$(dirname "$0")/real-lxd" "$(dirname "$0")/lxd"', 'apt-get': 'exit 9' },
      'snap install lxd',
    ],
    [
      'apt',
      { 'apt-get': 'ln -sf "$(dirname "$0")/real-lxd" "$(dirname "$0")/lxd"' },
      'apt-get install -y -q --no-install-recommends lxd',
    ],
  ])('installs LXD by %s where the image lacks it', (_, programs: Record<string, string>, call) => {
    const { calls, said, status } = run({ 'real-lxd': lxd, lxc: 'exit 1', ip: route, ...programs });
    expect(calls).toContain(call);
    expect(said).toContain('phase installing LXD');
    expect(status).toBe(0);
  });

  test('says on the console that it failed, and where', () => {
    const { said, status } = run({ 'apt-get': 'exit 100', lxc: 'exit 1', ip: route });
    expect(status).not.toBe(0);
    expect(readConsole(said).failed).toBe('failed in line install with 100');
  });
});

describe('a console', () => {
  const blob = 'AAAAC3NzaC1lZDI1NTE5AAAAIKexampleexampleexampleexampleexampleexampleex';
  const print = `SHA256:${createHash('sha256').update(Buffer.from(blob, 'base64')).digest('base64').replace(/=+$/, '')}`;

  test.each([
    ['nothing', '', {}],
    ['a kernel', '[    0.000000] Linux version 6.1\r\n', {}],
    [
      'a key before anything else was said: there may be a better one',
      `[   13.1] drawbridge: host key ecdsa-sha2-nistp256 ${blob}\r\n`,
      {},
    ],
    [
      'keys, in the middle of other lines',
      `[ 12.3] x\r\ndrawbridge: host key ecdsa-sha2-nistp256 AAAAE2${blob}\r\n[   13.1] drawbridge: host key ssh-ed25519 ${blob}\r\ndrawbridge: phase starting LXD\r\n`,
      { hostKey: print, phase: 'starting LXD' },
    ],
    ['the last phase', 'drawbridge: phase starting LXD\ndrawbridge: phase ready\n', { phase: 'ready' }],
    [
      'a failure',
      'drawbridge: phase installing LXD\ndrawbridge: failed in line install with 1\n',
      { phase: 'installing LXD', failed: 'failed in line install with 1' },
    ],
    [
      'the keys that cloud-init prints',
      `-----BEGIN SSH HOST KEY KEYS-----\nssh-ed25519 ${blob} root@web9\n-----END SSH HOST KEY KEYS-----\n`,
      { hostKey: print },
    ],
    [
      'a block of keys that is cut off',
      `-----BEGIN SSH HOST KEY KEYS-----\nssh-ed25519 ${blob} root@web9\n`,
      {},
    ],
  ])('with %s', (_, text, news) => {
    expect(readConsole(text)).toEqual(news);
  });
});
