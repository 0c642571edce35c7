/**
 * What a host needs for a guard: one program, which is all that Drawbridge may run there, and the unit that runs it at boot. Pure text,
 * so that hosts made by cloud-init, hosts that people prepare and the tests have the same.
 */

/** Where it is put. */
export const GUARD_PROGRAM = '/usr/local/sbin/drawbridge-guard';

/**
 * `drawbridge-guard run [folder]` applies the elements on its standard input, all or none, and prints the table as JSON.
 * `drawbridge-guard boot [folder]` guards what was guarded before and lets in nobody.
 * The folder remembers what is guarded. Nothing but elements of these two sets is taken (nft(8), "SETS"; concatenations with intervals need
 * Linux 5.6 and nftables 0.9.4). The chain is in front of connection tracking, so what is open is cut as well.
 */
export const GUARD_SCRIPT = `#!/bin/sh
# Drawbridge's guard of this host's doors: what is guarded and not allowed is dropped. See docs/guard.md.
set -eu
PATH=/usr/sbin:/usr/bin:/sbin:/bin
LC_ALL=C
export PATH LC_ALL
umask 077
folder=\${2:-/var/lib/drawbridge}
mkdir -p "$folder"
exec 9>"$folder/lock"
flock 9
lines=$(mktemp "$folder/lines.XXXXXX")
trap 'rm -f "$lines"' EXIT

ground() {
  cat <<'END'
add table ip drawbridge
add set ip drawbridge guarded { type ipv4_addr . inet_proto . inet_service; flags timeout; }
add set ip drawbridge allowed { type ipv4_addr . inet_proto . inet_service . ipv4_addr; flags interval, timeout; }
add chain ip drawbridge prerouting { type filter hook prerouting priority raw; policy accept; }
flush chain ip drawbridge prerouting
add rule ip drawbridge prerouting ip daddr . ip protocol . th dport @guarded ip daddr . ip protocol . th dport . ip saddr != @allowed drop
END
}

# What was guarded is guarded again, wherever the table went.
again() {
  nft list table ip drawbridge >/dev/null 2>&1 && return 0
  { ground; [ ! -e "$folder/guarded" ] || cat "$folder/guarded"; } | nft -f -
}

case \${1:-} in
boot) again ;;
run)
  cat >"$lines"
  if grep -Evq '^(add|delete) element ip drawbridge (guarded|allowed) [{] [0-9]+([.][0-9]+){3} [.] (tcp|udp) [.] [0-9]+( [.] [0-9]+([.][0-9]+){3}/[0-9]+)?( timeout [0-9]+s)?( comment "[a-z0-9-]+")? [}]$' "$lines"; then
    echo 'drawbridge-guard: takes nothing but elements of its own sets' >&2
    exit 65
  fi
  again
  { ground; cat "$lines"; } | nft -f -
  if [ -s "$lines" ] || [ ! -e "$folder/guarded" ]; then
    nft list set ip drawbridge guarded >"$folder/guarded.new"
    sync "$folder/guarded.new"
    mv "$folder/guarded.new" "$folder/guarded"
  fi
  nft -j list table ip drawbridge
  ;;
*)
  echo 'usage: drawbridge-guard run|boot [folder]' >&2
  exit 64
  ;;
esac
`;

/** The unit's name. */
export const GUARD_SERVICE = 'drawbridge-guard.service';

/** Runs before any interface has an address, so no door is open for a moment. */
export const GUARD_UNIT = `[Unit]
Description=Guards the doors that Drawbridge opened until it says who may come
DefaultDependencies=no
After=local-fs.target nftables.service
Before=network-pre.target snap.lxd.daemon.service lxd.service shutdown.target
Wants=network-pre.target
Conflicts=shutdown.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=${GUARD_PROGRAM} boot

[Install]
WantedBy=sysinit.target
`;

/** What runs on a host for a key of the user, whatever that asks for. Behind it the key's own limits and the key. */
export const GUARD_COMMAND = `sudo -n ${GUARD_PROGRAM} run`;

/** One line for /etc/sudoers.d. */
export function guardRight(user: string): string {
  return `${user} ALL=(root) NOPASSWD: ${GUARD_PROGRAM} run\n`;
}

/** A script for root that puts all of it on a host. @param user whom Drawbridge logs in as */
export function guardInstaller(user: string): string {
  const file = (path: string, mode: string, text: string): string =>
    `cat >${path} <<'DRAWBRIDGE'\n${text}DRAWBRIDGE\nchmod ${mode} ${path}\n`;
  return [
    '#!/bin/sh\nset -eu\n',
    'for each in nft sudo flock; do command -v $each >/dev/null || { echo "install $each first" >&2; exit 1; }; done\n',
    file(GUARD_PROGRAM, '755', GUARD_SCRIPT),
    file('/etc/sudoers.d/drawbridge-guard', '440', guardRight(user)),
    file(`/etc/systemd/system/${GUARD_SERVICE}`, '644', GUARD_UNIT),
    `if command -v systemctl >/dev/null; then systemctl daemon-reload; systemctl enable --now ${GUARD_SERVICE}; fi\n`,
  ].join('');
}
