/**
 * The user data that makes an LXD host of any cloud image with cloud-init and systemd: no image of our own, no config drive needed.
 * Written as JSON, which is YAML, so that no value can be read as another type.
 */

import {
  GUARD_COMMAND,
  GUARD_PROGRAM,
  GUARD_SCRIPT,
  GUARD_SERVICE,
  GUARD_UNIT,
  guardRight,
} from './guard-program.ts';

export interface CloudInitParts {
  name: string;
  /** The user for Drawbridge; it may open LXD's socket and run the guard, nothing else. */
  user: string;
  /** `ssh-ed25519 AAAA… drawbridge` */
  publicKey: string;
  /** Keep the image's own user, with the key pair of the server. */
  withDefaultUser: boolean;
}

/** Where LXD's socket is: of Debian's and of snap's LXD. */
export const LXD_SOCKETS = ['/var/lib/lxd/unix.socket', '/var/snap/lxd/common/lxd/unix.socket'] as const;

/** What the script says on the console, so that it can be followed without logging in. */
export const CONSOLE_MARK = 'drawbridge:';

/** The whole document. */
export function cloudInit(parts: CloudInitParts): string {
  const { name, withDefaultUser } = parts;
  const document = {
    hostname: name,
    // The group exists before LXD, which some images bring later.
    groups: ['lxd'],
    users: [...(withDefaultUser ? ['default'] : []), botUser(parts)],
    write_files: [
      { path: SCRIPT, permissions: '0755', content: INSTALL },
      { path: PRESEED, permissions: '0644', content: `${JSON.stringify(preseed())}\n` },
      { path: GUARD_PROGRAM, permissions: '0755', content: GUARD_SCRIPT },
      { path: '/etc/sudoers.d/drawbridge-guard', permissions: '0440', content: guardRight(parts.user) },
      { path: `/etc/systemd/system/${GUARD_SERVICE}`, permissions: '0644', content: GUARD_UNIT },
      // Cards that are plugged in later are for instances: whatever the image does with new cards, it leaves these alone.
      { path: '/etc/NetworkManager/conf.d/90-drawbridge.conf', content: '[main]\nno-auto-default=*\n' },
    ],
    runcmd: [[SCRIPT]],
  };
  return `#cloud-config\n${JSON.stringify(document, null, 1)}\n`;
}

/** The line of authorized_keys for Drawbridge: the socket and the guard, nothing else (sshd(8), "AUTHORIZED_KEYS FILE FORMAT"). */
export function restrictedKey(publicKey: string): string {
  const open = LXD_SOCKETS.map((socket) => `permitopen="[${socket}]:*"`).join(',');
  return `restrict,port-forwarding,${open},command="${GUARD_COMMAND}" ${publicKey}`;
}

function botUser({ user, publicKey }: CloudInitParts) {
  return {
    name: user,
    gecos: 'Drawbridge',
    groups: ['lxd'],
    // sshd runs the guard through it; the key runs nothing else.
    shell: '/bin/sh',
    lock_passwd: true,
    ssh_authorized_keys: [restrictedKey(publicKey)],
  };
}

function preseed() {
  return {
    networks: [
      {
        name: 'lxdbr0',
        type: 'bridge',
        config: { 'ipv4.address': 'auto', 'ipv4.nat': 'true', 'ipv6.address': 'none', 'bridge.mtu': '@MTU@' },
      },
    ],
    storage_pools: [{ name: 'default', driver: 'dir' }],
    profiles: [
      {
        name: 'default',
        devices: {
          root: { path: '/', pool: 'default', type: 'disk' },
          eth0: { name: 'eth0', network: 'lxdbr0', type: 'nic' },
        },
      },
    ],
  };
}

const SCRIPT = '/usr/local/sbin/drawbridge-lxd';
const PRESEED = '/etc/drawbridge-preseed.json';

/**
 * May run again. The host key goes out first: cloud-init itself prints it only after everything has run. A bridge with a larger MTU than
 * the uplink's makes instances hang in the middle of TLS, so it gets the uplink's.
 */
const INSTALL = `#!/bin/sh
# Makes an LXD host of this machine. Says every step on its console, so that it can be followed.
say() { echo "${CONSOLE_MARK} $*" > /dev/console 2>/dev/null || true; }
trap 'code=$?; [ $code = 0 ] || say "failed in line $line with $code"' EXIT
set -e
line=keys; for key in /etc/ssh/ssh_host_*_key.pub; do say "host key $(cut -d' ' -f1,2 "$key")"; done
line=cards; [ ! -e /usr/lib/udev/rules.d/75-cloud-ifupdown.rules ] || ln -sf /dev/null /etc/udev/rules.d/75-cloud-ifupdown.rules
export PATH="$PATH:/snap/bin" DEBIAN_FRONTEND=noninteractive
line=guard
if command -v nft >/dev/null && command -v systemctl >/dev/null; then systemctl enable --now ${GUARD_SERVICE} || say "no guard"; fi
line=install
if ! command -v lxd >/dev/null; then
  say "phase installing LXD"
  if command -v snap >/dev/null; then snap install lxd
  else apt-get update -q; apt-get install -y -q --no-install-recommends lxd; fi
fi
line=start; say "phase starting LXD"
lxd waitready --timeout=300
line=preseed
if ! lxc storage show default >/dev/null 2>&1; then
  say "phase setting LXD up"
  card=$(ip -o -4 route show default | sed 's/.* dev \\([^ ]*\\).*/\\1/;q')
  sed "s/@MTU@/$(cat "/sys/class/net/$card/mtu")/" ${PRESEED} | lxd init --preseed
fi
say "phase ready"
`;
