#!/bin/bash
# Builds the small guest: Debian's cloud kernel + busybox + dropbear. Three files in cache/tiny: vmlinuz, initrd (virtio
# modules, then the real root), rootfs.img (ext4). No loop mount, no chroot; 2 s.
# The guest: DHCP on every ethN that appears (also hot plugged), SSH key, host name and user data that begins with #! from
# the metadata service, SSH as root with that key only.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$HERE/kernel.sh"
D=$CACHE/tiny
mkdir -p "$D"
STAMP="$KV $(cat "$0" "$HERE/kernel.sh" | sha256sum | cut -c1-16)"
[ "$(cat "$D/stamp" 2>/dev/null)" = "$STAMP" ] && exit 0
B=$(mktemp -d "$D/build.XXXXXX")
trap 'rm -rf "$B"' EXIT
R=$B/root I=$B/initrd
bb() { # TARGET: busybox and its applets
  mkdir -p "$1"/{bin,sbin,usr/bin,usr/sbin}
  cp /bin/busybox "$1/bin/busybox"
  /bin/busybox --list-full | while read -r a; do [ "$a" = bin/busybox ] || ln -sf /bin/busybox "$1/$a"; done
}
mods() { # TARGET MODULE...: modules with what they need
  local t=$1 f
  shift
  for f in $(module_files "$@"); do
    mkdir -p "$t/lib/modules/$KV/kernel"
    cp -n "$f" "$t/lib/modules/$KV/kernel/"
  done
  cp "$MODULES/lib/modules/$KV"/modules.{order,builtin} "$t/lib/modules/$KV/"
  depmod -b "$t" "$KV" 2>/dev/null
}
put() { # FILE...: programs with their libraries
  local f l
  for f in "$@"; do
    mkdir -p "$R$(dirname "$f")"
    rm -f "$R$f"
    cp -L "$f" "$R$f"
    for l in $(ldd "$f" 2>/dev/null | grep -o '/[^ ]*'); do
      mkdir -p "$R$(dirname "$l")"
      cp -Ln "$l" "$R$l"
    done
  done
}
program() { # FILE, text from stdin
  cat >"$1"
  chmod 755 "$1"
}

# ---- initrd
mkdir -p "$I"/{proc,sys,dev,new}
bb "$I"
mods "$I" virtio_pci virtio_blk
program "$I/init" <<'X'
#!/bin/sh
mount -t proc none /proc; mount -t sysfs none /sys; mount -t devtmpfs none /dev
modprobe virtio_pci; modprobe virtio_blk
i=0; while [ ! -b /dev/vda ] && [ $i -lt 100 ]; do sleep 0.1; i=$((i+1)); done
mount -t ext4 -o rw,noatime /dev/vda /new || exec sh
umount /proc /sys; mount --move /dev /new/dev
exec switch_root /new /sbin/init
X
(cd "$I" && find . | cpio -o -H newc --quiet | gzip -1) >"$D/initrd.new"

# ---- root
mkdir -p "$R"/{proc,sys,dev,tmp,run,root/.ssh,etc/dropbear,etc/acpi/PWRF,var/log,lib64,usr/lib,home}
chmod 700 "$R/root" "$R/root/.ssh"
chmod 1777 "$R/tmp"
bb "$R"
mods "$R" virtio_pci virtio_blk virtio_net virtio_rng button evdev af_packet
put /usr/sbin/dropbear /usr/bin/dropbearkey
echo 'root:x:0:0:root:/root:/bin/sh' >"$R/etc/passwd"
echo 'root:x:0:' >"$R/etc/group"
echo 'root:*:1::::::' >"$R/etc/shadow"
echo /bin/sh >"$R/etc/shells"
echo '127.0.0.1 localhost' >"$R/etc/hosts"
cat >"$R/etc/inittab" <<'X'
::sysinit:/etc/rc
::respawn:/etc/netwatch
::respawn:/usr/sbin/dropbear -F -E -s -j -k -R
::respawn:/etc/keys
::ctrlaltdel:/sbin/reboot
::shutdown:/bin/umount -a -r
X
program "$R/etc/rc" <<'X'
#!/bin/sh
mount -t proc none /proc; mount -t sysfs none /sys; mkdir -p /dev/pts; mount -t devpts none /dev/pts
mount -t tmpfs none /tmp; mount -t tmpfs none /run
modprobe virtio_net; modprobe virtio_rng; modprobe button; modprobe evdev
ip link set lo up; hostname tiny
[ -s /etc/dropbear/dropbear_ed25519_host_key ] || dropbearkey -t ed25519 -f /etc/dropbear/dropbear_ed25519_host_key >/dev/null 2>&1
acpid -l /var/log/acpid.log 2>/dev/null        # the power button: nova's soft reboot and stop
echo "tiny: kernel $(uname -r) up after $(cut -d' ' -f1 /proc/uptime) s" > /dev/console
X
program "$R/etc/netwatch" <<'X'
#!/bin/sh
# DHCP on each ethernet interface, also on those plugged in later.
while :; do
  for d in /sys/class/net/eth*; do
    n=${d##*/}; [ -e "$d" ] || continue
    p=/run/udhcpc.$n.pid
    if [ ! -e $p ] || ! kill -0 $(cat $p) 2>/dev/null; then
      ip link set $n up; udhcpc -b -p $p -i $n -t 5 -T 1 -A 2 -O staticroutes -O mtu -s /etc/udhcpc.sh >/dev/null 2>&1; fi
  done
  for p in /run/udhcpc.*.pid; do
    [ -e "$p" ] || continue; n=${p#/run/udhcpc.}; n=${n%.pid}
    [ -e /sys/class/net/$n ] || { kill $(cat $p) 2>/dev/null; rm -f $p; }
  done
  sleep 0.5
done
X
program "$R/etc/udhcpc.sh" <<'X'
#!/bin/sh
case $1 in
deconfig) ip addr flush dev $interface scope global; ip link set $interface up;;
bound|renew)
  ip -4 addr show dev $interface | grep -q " $ip/" || ip addr add $ip/$mask dev $interface
  [ -n "$mtu" ] && ip link set $interface mtu $mtu
  set -- $staticroutes
  while [ $# -ge 2 ]; do
    if [ "$2" = 0.0.0.0 ]; then ip route replace $1 dev $interface
    else ip route replace $1 via $2 dev $interface; fi; shift 2; done
  [ -z "$staticroutes" ] && [ -n "$router" ] && ip route replace default via ${router%% *} dev $interface
  [ -n "$dns" ] && { for s in $dns; do echo nameserver $s; done; } > /etc/resolv.conf
  echo "tiny: $interface $ip/$mask after $(cut -d' ' -f1 /proc/uptime) s" > /dev/console;;
esac
X
program "$R/etc/keys" <<'X'
#!/bin/sh
# Ask the metadata service once per boot: key, host name, user data. (busybox wget's own -T crashes in Debian 12, hence `timeout`.)
M=http://169.254.169.254/latest
i=0
until k=$(timeout 3 wget -qO- $M/meta-data/public-keys/0/openssh-key 2>/dev/null) || [ $i -ge 60 ]; do i=$((i+1)); sleep 0.5
  # a server without a key pair has no such page, but the service itself answers
  timeout 3 wget -qO /dev/null $M/meta-data/instance-id 2>/dev/null && [ $i -ge 3 ] && break; done
[ -n "$k" ] && { echo "$k" > /root/.ssh/authorized_keys; chmod 600 /root/.ssh/authorized_keys; }
h=$(timeout 3 wget -qO- $M/meta-data/local-hostname 2>/dev/null) && hostname ${h%%.*}
echo "tiny: metadata after $(cut -d' ' -f1 /proc/uptime) s" > /dev/console
if timeout 3 wget -qO /tmp/user-data $M/user-data 2>/dev/null && [ "$(head -c 2 /tmp/user-data)" = '#!' ]; then
  chmod +x /tmp/user-data; /tmp/user-data > /var/log/user-data.log 2>&1; fi
while :; do sleep 3600; done
X
printf '#!/bin/sh\npoweroff\n' | program "$R/etc/acpi/PWRF/00000080"
rm -f "$R/sbin/init"
ln -s /bin/busybox "$R/sbin/init"
rm -f "$D/rootfs.img.new"
truncate -s 64M "$D/rootfs.img.new"
mke2fs -q -t ext4 -F -E root_owner=0:0 -O ^has_journal -m 0 -d "$R" "$D/rootfs.img.new"
cp "$KERNEL" "$D/vmlinuz.new"
for f in vmlinuz initrd rootfs.img; do mv "$D/$f.new" "$D/$f"; done
echo "$STAMP" >"$D/stamp"
say "image tiny: $(du -sh "$R" | cut -f1) of files"
