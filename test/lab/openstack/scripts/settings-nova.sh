# shellcheck shell=bash
# Nova's settings and those of libvirt and qemu. Sourced by ground.sh, after settings.sh.

# Emulation, also where /dev/kvm opens: a stock Debian kernel hangs under some hosts' nested virtualisation.
cat >"$ETC/nova/nova.conf" <<X
[DEFAULT]
$(common nova)
host = $HOST_ID
my_ip = 127.0.0.1
state_path = $STATE/nova
instances_path = $STATE/nova/instances
enabled_apis = osapi_compute,metadata
osapi_compute_listen = $API
osapi_compute_workers = 1
metadata_listen = 127.0.0.1
metadata_workers = 1
compute_driver = libvirt.LibvirtDriver
vif_plugging_is_fatal = true
vif_plugging_timeout = 120
shutdown_timeout = 10
allow_resize_to_same_host = true
cpu_allocation_ratio = 16.0
ram_allocation_ratio = 2.0
disk_allocation_ratio = 4.0
reserved_host_memory_mb = 0
reserved_host_disk_mb = 0
report_interval = 10
service_down_time = 60
running_deleted_instance_poll_interval = 60
heal_instance_info_cache_interval = 30
sync_power_state_interval = 30
[api]
auth_strategy = keystone
[api_database]
connection = $(db nova_api)
max_pool_size = 8
max_overflow = 20
$(dbsec database nova_cell1)
[conductor]
workers = 1
[scheduler]
workers = 1
discover_hosts_in_cells_interval = 5
[glance]
api_servers = http://$API:9292
[placement]
$(auth placement)
[neutron]
$(auth neutron)
service_metadata_proxy = true
metadata_proxy_shared_secret = $META_SECRET
[service_user]
send_service_user_token = true
$(auth nova)
[cinder]
catalog_info = volumev3::publicURL
[vnc]
enabled = false
[spice]
enabled = false
[libvirt]
virt_type = qemu
cpu_mode = none
images_type = qcow2
inject_partition = -2
wait_soft_reboot_seconds = 20
live_migration_with_native_tls = false
[filter_scheduler]
track_instance_changes = false
[oslo_policy]
enforce_scope = false
$(privsep "$ETC/nova/nova.conf" nova_sys_admin privsep_osbrick vif_plug_linux_bridge_privileged vif_plug_ovs_privileged)
$(authtoken nova)
$(shared)
X
# libvirtd sees these in place of the machine's /etc/libvirt and /var/lib/libvirt (services.sh).
cat >"$STATE/libvirt/etc/libvirtd.conf" <<X
listen_tls = 0
listen_tcp = 0
auth_unix_rw = "none"
unix_sock_group = "root"
X
cat >"$STATE/libvirt/etc/qemu.conf" <<X
user = "root"
group = "root"
security_driver = "none"
cgroup_controllers = [ ]
stdio_handler = "file"
namespaces = [ ]
remember_owner = 0
X
