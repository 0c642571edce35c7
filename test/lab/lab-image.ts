import { chmodSync, copyFileSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { labDir } from './lab-plan.ts';
import { runCommand } from './run-command.ts';

/**
 * The image of the lab, made on the spot from the machine's own busybox, iperf3 and socat. What an instance does is told by
 * `environment.*` keys of its config:
 *   LAB_HTTP      where to serve the page, a list like "80 8080" (the default) or "127.0.0.1:80"; "none" for nowhere
 *   LAB_UDP_ECHO  a UDP port that answers what it hears
 *   LAB_IPERF     any value: an iperf3 server on 5201
 * The page's title is the name of the instance.
 */

const init = `#!/bin/sh
export PATH=/bin:/usr/bin
# LXD asks for a stop with SIGPWR, which a first process has to listen for.
trap 'poweroff -f' PWR
ip link set lo up
mkdir -p /www
name=$(hostname)
echo "<!doctype html><title>$name</title><h1>$name</h1>" >/www/index.html
for listen in \${LAB_HTTP:-80 8080}; do
  [ "$listen" = none ] || httpd -h /www -p "$listen"
done
[ -z "$LAB_IPERF" ] || iperf3 -s -D
[ -z "$LAB_UDP_ECHO" ] || socat "UDP-LISTEN:$LAB_UDP_ECHO,fork" PIPE &
udhcpc -f -t 30 -T 1 -A 1 -i eth0 -x "hostname:$name" -s /etc/udhcpc.script >/dev/null 2>&1 &
while :; do
  sleep 3600 &
  wait $!
done
`;

const dhcp = `#!/bin/sh
case $1 in
  deconfig) ip address flush dev "$interface"; ip link set "$interface" up ;;
  bound | renew)
    ip address replace "$ip/$mask" dev "$interface"
    ip route replace default via "$router"
    : >/etc/resolv.conf
    for server in $dns; do echo "nameserver $server" >>/etc/resolv.conf; done
    ;;
esac
`;

const metadata = `architecture: x86_64
creation_date: 1700000000
properties: {os: busybox, description: Instance of the Drawbridge lab}
`;

/** Builds the image and returns its file. */
export async function buildImage(place = labDir()): Promise<string> {
  const dir = join(place, 'image');
  const root = join(dir, 'rootfs');
  rmSync(dir, { recursive: true, force: true }); // what a run cut short may have left
  for (const folder of ['bin', 'sbin', 'etc', 'dev', 'proc', 'sys', 'tmp', 'var', 'root']) {
    mkdirSync(join(root, folder), { recursive: true });
  }
  await addBusybox(root);
  await addProgram(root, '/usr/bin/iperf3');
  await addProgram(root, '/usr/bin/socat');
  writeProgram(join(root, 'sbin/init'), init);
  writeProgram(join(root, 'etc/udhcpc.script'), dhcp);
  writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\n');
  writeFileSync(join(root, 'etc/group'), 'root:x:0:\n');
  writeFileSync(join(dir, 'metadata.yaml'), metadata);
  const file = join(place, 'image.tar');
  const owner = ['--owner=0', '--group=0', '--numeric-owner'];
  await runCommand(['tar', '-C', dir, ...owner, '-cf', file, 'metadata.yaml', 'rootfs']);
  return file;
}

async function addBusybox(root: string): Promise<void> {
  copyFileSync('/bin/busybox', join(root, 'bin/busybox'));
  const applets = (await runCommand(['/bin/busybox', '--list'])).split('\n');
  for (const applet of applets) {
    if (applet !== '' && applet !== 'busybox') symlinkSync('busybox', join(root, 'bin', applet));
  }
}

/** Copies a program together with the libraries it loads. */
async function addProgram(root: string, program: string): Promise<void> {
  const libraries = (await runCommand(['ldd', program])).matchAll(/(\/\S+) \(0x/g);
  for (const file of [program, ...[...libraries].map((match) => match[1] ?? '')]) {
    mkdirSync(join(root, dirname(file)), { recursive: true });
    copyFileSync(file, join(root, file));
  }
}

function writeProgram(file: string, text: string): void {
  writeFileSync(file, text);
  chmodSync(file, 0o755);
}
