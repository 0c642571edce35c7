#!/bin/bash
# Builds the guest `debian-lxd`: Debian 12 with systemd, cloud-init (ConfigDrive, OpenStack), OpenSSH and LXD, as a user's own
# server would be. Three files in cache/debian-lxd: vmlinuz, initrd, disk.qcow2. Package tree and disk are each kept while
# what they are made of does not change; apt's mirror is needed the first time only.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$HERE/kernel.sh"
D=$CACHE/debian-lxd
mkdir -p "$D"

# ---------------------------------------------------------------- the package tree
PKGS=systemd-sysv,dbus,udev,kmod,cloud-init,openssh-server,sudo,lxd,nftables,dnsmasq-base,iproute2,isc-dhcp-client,netbase,libnss-myhostname,procps,e2fsprogs,busybox-static
if [ ! -s "$D/root.tar" ] || [ "$(cat "$D/root.stamp" 2>/dev/null)" != "$PKGS" ]; then
  # the same package sources as this machine's own
  mapfile -t SOURCES < <(grep -lE '^(deb |URIs:)' /etc/apt/sources.list /etc/apt/sources.list.d/*.{list,sources} 2>/dev/null)
  TMPDIR=$D mmdebstrap --variant=minbase --mode=root --architectures=amd64 --include="$PKGS" \
    --aptopt='APT::Install-Recommends "false"' --aptopt='Acquire::Languages "none"' \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
    --dpkgopt='path-exclude=/usr/share/info/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
    --dpkgopt='path-exclude=/usr/share/i18n/*' --dpkgopt='path-exclude=/usr/share/lintian/*' \
    bookworm "$D/root.new.tar" "${SOURCES[@]}" >"$LOG/mmdebstrap.log" 2>&1 </dev/null ||
    { tail -20 "$LOG/mmdebstrap.log"; die "mmdebstrap failed ($LOG/mmdebstrap.log)"; }
  mv "$D/root.new.tar" "$D/root.tar"; echo "$PKGS" >"$D/root.stamp"
  say "debian-lxd, packages: $(du -m "$D/root.tar" | cut -f1) MB unpacked"
fi

# ---------------------------------------------------------------- the disk
STAMP="$KV $(cksum <"$D/root.stamp") $(stat -c %Y "$D/root.tar") $(cat "$0" "$HERE/kernel.sh" | sha256sum | cut -c1-16)"
[ "$(cat "$D/stamp" 2>/dev/null)" = "$STAMP" ] && exit 0
B=$(mktemp -d "$D/build.XXXXXX"); trap 'rm -rf "$B"' EXIT
R=$B/root I=$B/initrd; mkdir "$R"
tar -xf "$D/root.tar" -C "$R" --xattrs --xattrs-include='*' --numeric-owner

# kernel modules: what a virtual machine and its containers can use
MD=$R/usr/lib/modules/$KV; mkdir -p "$MD"; cp -r "$MODULES/lib/modules/$KV/kernel" "$MODULES/lib/modules/$KV"/modules.{order,builtin,builtin.modinfo} "$MD/"
(cd "$MD/kernel" && rm -rf drivers/{gpu,infiniband,media,nvme,hv,xen,usb,hid,iio,i2c,mmc,mtd,pcmcia,target,thunderbolt,edac,hwmon,dax,nvdimm,staging,video} \
  drivers/net/{ethernet,wireless,usb,hyperv,xen-netback} fs/{xfs,ocfs2,gfs2,nfs,nfsd,cifs,smbfs_common,ceph,jfs,f2fs,reiserfs,ntfs3,ntfs,hfs,hfsplus,dlm,afs,orangefs,ubifs,ufs,nilfs2,affs,befs,erofs,minix,sysv,qnx4,qnx6,omfs,hpfs,coda,fscache,cachefiles,lockd,nfs_common} \
  net/{sunrpc,ceph,rds,tipc,dccp,sctp,bluetooth,wireless,mac80211,can,nfc,batman-adv,openvswitch,mpls,rxrpc,smc,l2tp,atm,appletalk,x25,lapb,ax25,netrom,rose,decnet,phonet,ieee802154,mac802154,6lowpan,nsh,qrtr,hsr,kcm,ncsi})
depmod -b "$R/usr" "$KV" 2>/dev/null || depmod -b "$R" "$KV"

# systemd: nothing that a guest of some minutes does not need
for u in apt-daily.timer apt-daily-upgrade.timer apt-daily.service apt-daily-upgrade.service dpkg-db-backup.timer e2scrub_all.timer e2scrub_reap.service \
  fstrim.timer systemd-tmpfiles-clean.timer systemd-pstore.service systemd-binfmt.service proc-sys-fs-binfmt_misc.automount \
  systemd-update-utmp.service systemd-update-utmp-runlevel.service systemd-random-seed.service systemd-journal-flush.service \
  systemd-hwdb-update.service systemd-firstboot.service systemd-sysusers.service systemd-repart.service systemd-pcrphase.service systemd-pcrphase-sysinit.service \
  systemd-machine-id-commit.service systemd-update-done.service ldconfig.service systemd-fsck-root.service systemd-network-generator.service systemd-boot-update.service \
  sys-kernel-debug.mount sys-kernel-tracing.mount dev-hugepages.mount dev-mqueue.mount systemd-initctl.socket systemd-journald-audit.socket \
  systemd-ask-password-wall.path systemd-ask-password-console.path getty@tty1.service getty-static.service serial-getty@ttyS0.service \
  remote-cryptsetup.target remote-fs.target cryptsetup.target veritysetup.target integritysetup.target sshd-keygen.service lxc-net.service lxc.service modprobe@drm.service modprobe@efi_pstore.service; do
  ln -sf /dev/null "$R/etc/systemd/system/$u"; done
rm -f "$R/etc/systemd/system/timers.target.wants"/*
mkdir -p "$R/etc/systemd/"{system.conf.d,journald.conf.d,system/multi-user.target.wants,system/sockets.target.wants,system/network-online.target.wants,system/systemd-networkd-wait-online.service.d}
printf '[Manager]\nDefaultTimeoutStopSec=10s\nDefaultCPUAccounting=no\nDefaultMemoryAccounting=no\nDefaultTasksAccounting=no\nDefaultTimeoutStartSec=600s\n' > "$R/etc/systemd/system.conf.d/lab.conf"
printf '[Journal]\nStorage=volatile\nRuntimeMaxUse=8M\nForwardToSyslog=no\nForwardToWall=no\nAudit=no\n' > "$R/etc/systemd/journald.conf.d/lab.conf"
ln -sf /lib/systemd/system/systemd-networkd.service "$R/etc/systemd/system/multi-user.target.wants/"
ln -sf /lib/systemd/system/systemd-networkd.socket "$R/etc/systemd/system/sockets.target.wants/"
ln -sf /lib/systemd/system/systemd-networkd-wait-online.service "$R/etc/systemd/system/network-online.target.wants/"
# generators that have nothing to do here (each is a process before the first unit starts), device rules likewise
mkdir -p "$R/etc/systemd/system-generators" "$R/etc/udev/rules.d" "$R/etc/systemd/system/lxd-containers.service.d" "$R/etc/modprobe.d"
for g in cryptsetup debug getty gpt-auto hibernate-resume integritysetup rc-local run system-update sysv veritysetup; do
  ln -s /dev/null "$R/etc/systemd/system-generators/systemd-$g-generator"; done
(cd "$R/usr/lib/udev/rules.d" && rm -f 55-dm* 60-autosuspend* 60-drm* 60-evdev* 60-fido* 60-infiniband* 60-persistent-{alsa,input,v4l,storage-dm,storage-tape}* \
  60-sensor* 60-serial* 64-btrfs* 66-azure* 70-{camera,joystick,mouse,touchpad,memory,uaccess}* 71-seat* 73-seat-late* 75-probe_mtd* 78-sound* 85-hwclock* 95-dm* 96-e2scrub*)
printf 'blacklist %s\n' kvm kvm_amd kvm_intel serio_raw psmouse pcspkr qemu_fw_cfg i2c_piix4 > "$R/etc/modprobe.d/lab.conf"
# LXD starts with the boot, beside cloud-init's config stage (Debian starts it at the first request to its socket: 5 s
# later); no containers to start again on the first boot; no wait for IPv6 duplicate address detection
ln -sf /lib/systemd/system/lxd.service "$R/etc/systemd/system/multi-user.target.wants/"
printf 'net.ipv6.conf.default.accept_dad=0\nnet.ipv6.conf.all.accept_dad=0\n' > "$R/etc/sysctl.d/10-lab.conf"
printf '[Unit]\nConditionPathExists=/var/lib/lxd/database\n' > "$R/etc/systemd/system/lxd-containers.service.d/lab.conf"
# no systemd-resolved: the name server that DHCP gave, from networkd's own state, once it is online
cat > "$R/etc/systemd/system/systemd-networkd-wait-online.service.d/resolv.conf" <<'X'
[Service]
ExecStartPost=-/bin/sh -c 'D=$(sed -n "s/^DNS=//p" /run/systemd/netif/state); [ -n "$D" ] && for d in $D; do echo "nameserver $d"; done > /etc/resolv.conf'
X

# cloud-init: the two OpenStack sources, the modules a boot can ask for, two kinds of host key
cat > "$R/etc/cloud/cloud.cfg.d/90_lab.cfg" <<'X'
datasource_list: [ ConfigDrive, OpenStack, None ]
datasource: {OpenStack: {timeout: 15, max_wait: 120, retries: 5}}
system_info: {network: {renderers: [networkd]}}
ssh_genkeytypes: [ecdsa, ed25519]
ssh_deletekeys: true
resize_rootfs: true
cloud_init_modules: [bootcmd, write-files, resizefs, mounts, set_hostname, update_hostname, update_etc_hosts, ca-certs, users-groups, ssh]
cloud_config_modules: [set-passwords, runcmd]
cloud_final_modules: [package-update-upgrade-install, lxd, write-files-deferred, scripts-vendor, scripts-per-once, scripts-per-boot, scripts-per-instance, scripts-user, ssh-authkey-fingerprints, keys-to-console, install-hotplug, phone-home, final-message, power-state-change]
X
printf 'policy: enabled\n' > "$R/etc/cloud/ds-identify.cfg"
cat > "$R/usr/bin/cloud-init" <<'X'
#!/usr/bin/python3
# (Debian's file looks its own entry point up in the package metadata first: seconds without KVM.)
import sys
from cloudinit.cmd.main import main
sys.exit(main())
X

rm -f "$R"/etc/ssh/ssh_host_* "$R/etc/machine-id" "$R/var/lib/dbus/machine-id" "$R/etc/hostname" "$R/usr/lib/udev/hwdb.bin"
rm -rf "$R"/usr/lib/udev/hwdb.d "$R"/var/cache/{apt,debconf,ldconfig}/* "$R"/var/lib/apt/lists/* "$R"/var/log/* "$R"/tmp/* "$R"/boot/*
mkdir -p "$R/var/cache/apt/archives/partial" "$R/var/lib/apt/lists/partial" "$R/var/log/lxd"
: > "$R/etc/machine-id"; echo debian > "$R/etc/hostname"; : > "$R/etc/resolv.conf"; : > "$R/etc/fstab"
printf '127.0.0.1 localhost\n::1 localhost ip6-localhost\n' > "$R/etc/hosts"
# No source: `apt-get update` succeeds offline, and `packages: [lxd]` finds it installed.
rm -f "$R"/etc/apt/sources.list.d/*; echo '# none: this cloud has no way out' > "$R/etc/apt/sources.list"
printf 'UseDNS no\nGSSAPIAuthentication no\nPrintMotd no\n' > "$R/etc/ssh/sshd_config.d/lab.conf"
sed -i 's/^session.*pam_motd.*//; s/^session.*pam_mail.*//; s/^session.*pam_lastlog.*//' "$R/etc/pam.d/"{sshd,login}

# initrd: busybox, the disk's modules (and the CD-ROM's, so that a config drive is there before cloud-init looks), the real root
mkdir -p "$I"/{bin,proc,sys,dev,new,lib}; cp /bin/busybox "$I/bin/busybox"
for a in sh mount umount insmod sleep switch_root; do ln -s busybox "$I/bin/$a"; done
n=0; for f in $(module_files virtio_pci virtio_blk ata_piix sr_mod); do
  n=$((n + 1)); cp "$f" "$I/lib/$(printf %02d $n)-$(basename "$f")"; done
cat > "$I/init" <<'X'
#!/bin/sh
mount -t proc none /proc; mount -t sysfs none /sys; mount -t devtmpfs none /dev
for m in /lib/*.ko; do insmod $m; done
R=/dev/vda; for a in $(cat /proc/cmdline); do case $a in root=/dev/*) R=${a#root=};; esac; done
i=0; while [ ! -b $R ] && [ $i -lt 100 ]; do sleep 0.1; i=$((i+1)); done
mount -t ext4 -o rw,noatime $R /new || exec sh
echo 1024 > /sys/block/${R#/dev/}/queue/read_ahead_kb
mount --move /dev /new/dev; mount --move /proc /new/proc; mount --move /sys /new/sys
exec switch_root /new /sbin/init
X
sed -i 's/\$(cat \/proc\/cmdline)/$(while read -r l; do echo "$l"; done < \/proc\/cmdline)/' "$I/init"
chmod +x "$I/init"
(cd "$I" && find . | cpio -o -H newc --quiet | gzip -1) > "$D/initrd.new"

# ext4 without a partition table: root=/dev/vda, and cloud-init's resizefs is enough to grow it
mb=$(( $(du -sm "$R" | cut -f1) * 115 / 100 + 160 ))
rm -f "$B/disk.img"; truncate -s ${mb}M "$B/disk.img"
mke2fs -q -t ext4 -F -L cloudroot -E root_owner=0:0,lazy_itable_init=1 -J size=16 -i 16384 -m 0 -d "$R" "$B/disk.img"
qemu-img convert -O qcow2 "$B/disk.img" "$D/disk.qcow2.new"
cp "$KERNEL" "$D/vmlinuz.new"
for f in vmlinuz initrd disk.qcow2; do mv "$D/$f.new" "$D/$f"; done
echo "$STAMP" > "$D/stamp"
say "debian-lxd, disk: $(du -m "$D/disk.qcow2" | cut -f1) MB in a file system of $mb MB"
