import { readFileSync, readlinkSync } from 'node:fs';
import { createConnection } from 'node:net';
import { expect, it } from 'vitest';
import { messageOf } from '../../src/errors.ts';
import { describeLab } from './describe-lab.ts';
import { instanceAddress, type LabHost, launchInstance, lxc, runInNamespace } from './lab.ts';
import { instancePlans } from './lab-plan.ts';
import { runCommand } from './run-command.ts';
import { openSshForward } from './ssh-forward.ts';

const page = (name: string) => `<!doctype html><title>${name}</title><h1>${name}</h1>\n`;

describeLab('The lab', (lab) => {
  const hosts = [lab.hosts.web1, lab.hosts.web2];
  const ssh = (host: LabHost, key: string, user: string, ...command: string[]) => {
    const options = ['-o', 'BatchMode=yes', '-o', `UserKnownHostsFile=${host.ssh.knownHostsFile}`];
    return runCommand(['ssh', ...options, '-i', key, `${user}@${host.address}`, ...command]);
  };

  it('stands outside without a road to anywhere else', async () => {
    const routes = await runCommand(['ip', '-4', 'route']);
    expect(routes.trim()).toMatch(/^198\.51\.100\.0\/24 dev segment [^\n]*$/);
  });

  it('leaves the links and routes of the machine alone', () => {
    const machine = machineNetwork();
    expect(machine('dev')).not.toMatch(/segment|web[12]|br-lan/);
    // Destinations are written in hex, last octet first: 198.51.100.0, 10.11.0.0 and 10.12.0.0.
    // The cloud of test/lab/openstack, which may be up at the same time, has the first of them on its own bridge.
    expect(machine('route').replace(/^br-ex\t.*$/gm, '')).not.toMatch(/\t(006433C6|00000B0A|00000C0A)/);
  });

  it.each(hosts)('gives every instance of $name an address of its bridge', async (host) => {
    for (const { name } of instancePlans.filter((plan) => plan.host === host.name && plan.running)) {
      expect(await instanceAddress(host, name)).toContain(host.subnet.replace('0/24', ''));
    }
  });

  it.each([
    [lab.hosts.web1, 'blog', 80],
    [lab.hosts.web1, 'twin', 8080],
    [lab.hosts.web2, 'shop', 80],
    [lab.hosts.web2, 'twin', 80],
  ])('serves a page on %o', async (host, name, port) => {
    const url = `http://${await instanceAddress(host, name)}:${port}/`;
    expect(await runInNamespace(host.namespace, ['curl', '-sS', '-m', '5', url])).toBe(page(name));
    await expect(runCommand(['curl', '-sS', '-m', '1', url])).rejects.toThrow(); // not from outside
  });

  it('has an instance that listens to itself only, and one that listens to nobody', async () => {
    const listening = (name: string) => lxc('web1', 'exec', name, '--', 'netstat', '-ltn');
    expect(await listening('local')).toContain('127.0.0.1:80 ');
    expect(await listening('idle')).not.toContain('LISTEN');
  });

  it('launches an instance told what to do', async () => {
    try {
      const environment = { LAB_HTTP: '8123', LAB_UDP_ECHO: '7' };
      const address = await launchInstance('web1', 'told', { environment });
      const { namespace } = lab.hosts.web1;
      expect(await runInNamespace(namespace, ['curl', '-sS', `http://${address}:8123/`])).toBe(page('told'));
      const say = ['sh', '-c', `echo hello | socat -t 2 - UDP:${address}:7`];
      expect(await runInNamespace(namespace, say)).toBe('hello\n');
    } finally {
      await lxc('web1', 'delete', '--force', 'told');
    }
  });

  it.each([
    ['a macvlan NIC', { nictype: 'macvlan', parent: lab.hosts.web1.lan.parent }],
    ["the host's bridge", { nictype: 'bridged', parent: lab.hosts.web1.lan.bridge }],
  ])("gives a container an address from the LAN's own DHCP through %s", async (_, nic) => {
    const device = Object.entries({ name: 'eth0', ...nic }).map(([key, value]) => `${key}=${value}`);
    try {
      await lxc('web1', 'init', 'lab', 'lanny');
      await lxc('web1', 'config', 'device', 'add', 'lanny', 'eth0', 'nic', ...device);
      await lxc('web1', 'start', 'lanny');
      const address = await instanceAddress('web1', 'lanny');
      expect(address).toMatch(/^198\.51\.100\.2[0-2]\d$/);
      expect(await runCommand(['curl', '-sS', '-m', '5', `http://${address}/`])).toBe(page('lanny'));
    } finally {
      await lxc('web1', 'delete', '--force', 'lanny');
    }
  });

  it.each(hosts)('lets the administrator of $name use lxc', async (host) => {
    expect(await ssh(host, host.ssh.adminKeyFile, 'root', 'lxc', 'list', '-f', 'csv', '-c', 'n')).toContain(
      'twin',
    );
  });

  it.each(hosts)("lets the bot's key reach the socket of $name and nothing else", async (host) => {
    // Whatever is asked for, only the guard runs.
    const said = await ssh(host, host.ssh.keyFile, host.ssh.user, 'id').catch(messageOf);
    expect(said).not.toContain('uid=');
    await expect(ssh(host, host.ssh.keyFile, 'root', 'id')).rejects.toThrow('Permission denied');
    const socket = await openSshForward(host, host.socket);
    const other = await openSshForward(host, '/run/dbus/system_bus_socket');
    const port = await openSshForward(host, `${host.address}:22`);
    try {
      const answer = await runCommand([
        'curl',
        '-sS',
        '--unix-socket',
        socket.path,
        'http://lxd/1.0/instances',
      ]);
      expect(answer).toContain('/1.0/instances/twin');
      expect(await firstWord(other.path)).toBe('');
      expect(await firstWord(port.path)).toBe('');
    } finally {
      for (const forward of [socket, other, port]) forward.close();
    }
  });

  it('answers over HTTPS with the pinned certificate', async () => {
    const { url, certFile, keyFile, serverCertFile } = lab.hosts.web2.https;
    const tls = ['--cert', certFile, '--key', keyFile, '--cacert', serverCertFile, '-k'];
    expect(await runCommand(['curl', '-sS', ...tls, `${url}/1.0/instances`])).toContain(
      '/1.0/instances/shop',
    );
  });
});

/** A look at /proc/net of the machine itself, through whoever started these tests inside the namespace. */
function machineNetwork(): (file: string) => string {
  const own = readlinkSync('/proc/self/ns/net');
  let pid = process.ppid;
  while (readlinkSync(`/proc/${pid}/ns/net`) === own) {
    pid = Number(/^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
  }
  return (file) => readFileSync(`/proc/${pid}/net/${file}`, 'utf8');
}

/** What the other side says first; nothing when it hangs up. */
function firstWord(path: string): Promise<string> {
  return new Promise((resolve) => {
    const connection = createConnection(path);
    connection.once('data', (data) => {
      resolve(String(data));
      connection.destroy();
    });
    connection.once('error', () => resolve(''));
    connection.once('close', () => resolve(''));
    connection.write('\r\n');
  });
}
