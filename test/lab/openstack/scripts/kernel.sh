# shellcheck shell=bash
# The guests' kernel: Debian's, unpacked into the cache and not installed (no initramfs, no boot loader of this machine is
# touched). Sets KV (version), KERNEL (file) and MODULES (folder with lib/modules). Sourced by the image scripts.
KDIR=$CACHE/kernel
exec 8>"$CACHE/kernel.lock"
flock 8
if [ ! -s "$KDIR/version" ]; then
  rm -rf "$KDIR" "$KDIR.new"
  mkdir -p "$KDIR.new"
  chmod 755 "$KDIR.new"
  package=$(apt-cache depends linux-image-cloud-amd64 | sed -n 's/^ *Depends: *\(linux-image-[0-9].*\)/\1/p' | head -1)
  [ -n "$package" ] || die "apt knows no linux-image-cloud-amd64: apt-get update"
  (cd "$KDIR.new" && apt-get download -q -o APT::Sandbox::User=root "$package" >>"$LOG/kernel.log" 2>&1) || die "cannot download $package ($LOG/kernel.log)"
  dpkg-deb -x "$KDIR.new"/*.deb "$KDIR.new/root" && rm "$KDIR.new"/*.deb
  depmod -b "$KDIR.new/root" "${package#linux-image-}"
  echo "${package#linux-image-}" >"$KDIR.new/version"
  mv "$KDIR.new" "$KDIR"
fi
flock -u 8
KV=$(cat "$KDIR/version")
KERNEL=$KDIR/root/boot/vmlinuz-$KV
MODULES=$KDIR/root
# The files of kernel modules with what they need, in the order in which they are loaded.
module_files() { # MODULE...
  local m
  for m in "$@"; do modprobe -d "$MODULES" -S "$KV" -D "$m" 2>/dev/null; done | awk '$1=="insmod" && !s[$2]++{print $2}'
}
