#!/bin/bash
# Second half of the way up, once the catalogue is there: nova-scheduler and -conductor die without it.
set -uo pipefail
. "$(dirname "$0")/lib.sh"
nova=("--config-file" "$ETC/nova/nova.conf")
neutron=("--config-file" "$ETC/neutron/neutron.conf")

start nova-conductor nova-conductor "${nova[@]}" --log-file "$LOG/nova-conductor.log"
start nova-scheduler nova-scheduler "${nova[@]}" --log-file "$LOG/nova-scheduler.log"

# libvirtd gets a view of the mounts in which its settings and its guests' definitions are the lab's: the machine's own
# are not touched, and what is left of a guest goes with the state folder.
mkdir -p /run/libvirt /etc/libvirt /var/lib/libvirt "$STATE"/libvirt/lib/qemu
# shellcheck disable=SC2016
start libvirtd unshare --mount --propagation slave sh -c '
  mount --bind "$1/etc" /etc/libvirt && mount --bind "$1/lib" /var/lib/libvirt || exit 1
  exec libvirtd --pid-file "$2"' sh "$STATE/libvirt" "$STATE/libvirt/libvirtd.pid"
wait_for 30 libvirtd virsh -c qemu:///system version
start nova-compute nova-compute "${nova[@]}" --log-file "$LOG/nova-compute.log"

wait_for 90 neutron-server http_up "http://$API:9696/"
start neutron-linuxbridge env PATH="$HERE/bin:/usr/sbin:/usr/bin:/sbin:/bin" \
  neutron-linuxbridge-agent "${neutron[@]}" --config-file "$ETC/neutron/linuxbridge.ini"
start neutron-dhcp neutron-dhcp-agent "${neutron[@]}" --config-file "$ETC/neutron/dhcp.ini"
start neutron-l3 neutron-l3-agent "${neutron[@]}" --config-file "$ETC/neutron/l3.ini"
start neutron-metadata neutron-metadata-agent "${neutron[@]}" --config-file "$ETC/neutron/metadata.ini"
wait_for 90 glance http_up "http://$API:9292/"
wait_for 90 nova-api http_up "http://$API:8774/"
wait_for 90 placement http_up "http://$API:8778/"
say "all APIs answer"
