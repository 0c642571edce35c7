# shellcheck shell=bash
# The external network's bridge on this machine, and the guard that nothing of the lab ever leaves it. Sourced by ground.sh.

# An address range that this machine already uses must never be shadowed by the bridge: package mirrors, name servers,
# addresses and routes are looked at.
mirrors=$({
  cat /etc/apt/sources.list /etc/apt/sources.list.d/*.{list,sources} 2>/dev/null
  npm config get registry 2>/dev/null
} | grep -oE 'https?://[^/ ]+' | sed 's|.*//||; s|:.*||' | sort -u)
for a in $(awk '/^nameserver/{print $2}' /etc/resolv.conf) \
  $(for m in $mirrors; do getent ahostsv4 "$m" | awk '{print $1}'; done) \
  $(ip -4 -o addr | awk -v b=$EXT_BR '$2!=b{print $4}') \
  $(ip -4 route | awk -v b=$EXT_BR '$0 !~ "dev " b {print $1, $3}'); do
  case $a in "$EXT_PREFIX".*) die "$EXT_PREFIX.0/24 is in use on this machine ($a); the cloud's external network needs it" ;; esac
done

# What was there before, so that it can be put back.
[ -e "$STATE/tables.before" ] || nft list tables >"$STATE/tables.before"
for k in iptables ip6tables; do
  [ -e "$STATE/bridge-nf-call-$k.before" ] || sysctl -n net.bridge.bridge-nf-call-$k 2>/dev/null >"$STATE/bridge-nf-call-$k.before"
done

# The guard comes before the bridge: there is no moment without it.
nft -f - <<X || die "the guard table could not be loaded"
table inet drawbridge_cloud
delete table inet drawbridge_cloud
table inet drawbridge_cloud {
  chain guard { type filter hook forward priority -150; policy accept;
    iifname "$EXT_BR" oifname != "$EXT_BR" drop
    oifname "$EXT_BR" iifname != "$EXT_BR" drop
  }
  # and a guest reaches this machine at the gateway's address only, not at its real ones
  chain here { type filter hook input priority -150; policy accept;
    iifname "$EXT_BR" ip daddr != { $EXT_GW, $EXT_PREFIX.255, 255.255.255.255, 224.0.0.0/4 } drop
  }
}
X
ip link show $EXT_BR >/dev/null 2>&1 || ip link add $EXT_BR type bridge forward_delay 0 stp_state 0
ip link set $EXT_BR up
ip addr show dev $EXT_BR | grep -q "$EXT_GW/" || ip addr add "$EXT_GW/24" dev $EXT_BR
sysctl -qw net.bridge.bridge-nf-call-iptables=1 net.bridge.bridge-nf-call-ip6tables=1 2>/dev/null
