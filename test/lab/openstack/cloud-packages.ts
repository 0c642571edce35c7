/** What the cloud needs of Debian 12, by the names of its packages. */
import { spawnSync } from 'node:child_process';
import { type InstallResult, installPackages } from '../install-packages.ts';

const cloudPackages: readonly string[] = [
  ...['mariadb-server', 'mariadb-client', 'rabbitmq-server', 'memcached', 'uwsgi-plugin-python3'],
  ...['keystone', 'glance-api', 'placement-api'],
  ...['nova-api', 'nova-conductor', 'nova-scheduler', 'nova-compute'],
  ...['neutron-server', 'neutron-linuxbridge-agent', 'neutron-l3-agent'],
  ...['neutron-dhcp-agent', 'neutron-metadata-agent'],
  ...['libvirt-daemon-system', 'libvirt-clients', 'python3-libvirt', 'qemu-system-x86', 'qemu-utils'],
  ...['nftables', 'iptables', 'ebtables', 'arptables', 'ipset', 'conntrack', 'iproute2', 'procps'],
  ...['dnsmasq-base', 'haproxy', 'iputils-arping', 'iputils-ping'],
  // the guests: what they are made of and made with, and how they are reached
  ...['busybox-static', 'dropbear-bin', 'cpio', 'kmod', 'e2fsprogs', 'mmdebstrap', 'genisoimage'],
  ...['curl', 'openssh-client', 'util-linux'],
];

/** Installs what is missing of the cloud's packages. None of them is started or asks a question. */
export function installCloudPackages(): Promise<InstallResult> {
  return installPackages(cloudPackages, preseed);
}

/** The packages ask about databases and endpoints; the lab sees to all of that itself. */
function preseed(): void {
  const services = ['keystone', 'glance', 'placement', 'nova', 'neutron'];
  const answers = services.flatMap((name) => [
    `${name}-common ${name}/configure_db boolean false`,
    `${name} ${name}/configure_db boolean false`,
  ]);
  spawnSync('debconf-set-selections', { input: `${answers.join('\n')}\n` });
}
