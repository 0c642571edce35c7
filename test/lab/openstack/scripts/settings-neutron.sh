# shellcheck shell=bash
# Neutron's settings. Sourced by ground.sh, after settings.sh. Linux bridges with networks of type `local`, because they need
# nothing of the kernel that a small virtual machine may lack (Open vSwitch, VLAN, GENEVE).
cat >"$ETC/neutron/neutron.conf" <<X
[DEFAULT]
$(common neutron)
host = $HOST_ID
state_path = $STATE/neutron
bind_host = $API
bind_port = 9696
api_workers = 0
rpc_workers = 1
rpc_state_report_workers = 0
api_paste_config = /etc/neutron/api-paste.ini
core_plugin = ml2
service_plugins = router,port_forwarding
auth_strategy = keystone
dhcp_agents_per_network = 1
notify_nova_on_port_status_changes = true
notify_nova_on_port_data_changes = true
send_events_interval = 1
agent_down_time = 75
dns_domain = cloud.test.
$(dbsec database neutron)
[nova]
$(auth nova)
[placement]
$(auth placement)
[experimental]
linuxbridge = true
[agent]
root_helper =
report_interval = 15
$(privsep "$ETC/neutron/neutron.conf" privsep privsep_dhcp_release privsep_ovs_vsctl privsep_namespace privsep_conntrack privsep_link)
$(authtoken neutron)
$(shared)
X
cat >"$ETC/neutron/ml2.ini" <<X
[ml2]
type_drivers = flat,local
tenant_network_types = local
mechanism_drivers = linuxbridge
extension_drivers = port_security
[ml2_type_flat]
flat_networks = ext
[securitygroup]
enable_ipset = true
enable_security_group = true
X
agent() { # NAME: overrides for one agent, read after neutron.conf
  printf '[DEFAULT]\nlog_file = %s/%s.log\n' "$LOG" "$1"
}
cat >"$ETC/neutron/linuxbridge.ini" <<X
$(agent neutron-linuxbridge)
[linux_bridge]
bridge_mappings = ext:$EXT_BR
[vxlan]
enable_vxlan = false
[securitygroup]
firewall_driver = iptables
enable_security_group = true
enable_ipset = true
[agent]
polling_interval = 1
X
cat >"$ETC/neutron/dhcp.ini" <<X
$(agent neutron-dhcp)
interface_driver = linuxbridge
enable_isolated_metadata = true
force_metadata = false
resync_interval = 5
dnsmasq_config_file =
dhcp_broadcast_reply = false
X
cat >"$ETC/neutron/l3.ini" <<X
$(agent neutron-l3)
interface_driver = linuxbridge
agent_mode = legacy
[agent]
extensions = port_forwarding
X
cat >"$ETC/neutron/metadata.ini" <<X
$(agent neutron-metadata)
nova_metadata_host = 127.0.0.1
nova_metadata_port = 8775
metadata_proxy_shared_secret = $META_SECRET
metadata_workers = 0
X
