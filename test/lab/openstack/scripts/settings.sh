# shellcheck shell=bash
# What the services' settings have in common, and those of keystone, placement and glance. Sourced by ground.sh.

auth() { # USER -> an auth block for keystoneauth
  cat <<X
auth_type = password
auth_url = http://$API:5000/v3
region_name = $REGION
project_domain_name = Default
user_domain_name = Default
project_name = service
username = $1
password = $SERVICE_PASS
X
}
common() { # NAME
  cat <<X
log_file = $LOG/$1.log
use_stderr = false
transport_url = rabbit://cloud:$RABBIT_PASS@127.0.0.1:$RABBIT_PORT/
rpc_response_timeout = 60
X
}
authtoken() { # USER
  cat <<X
[keystone_authtoken]
www_authenticate_uri = http://$API:5000/v3
memcached_servers = 127.0.0.1:$MEMC_PORT
service_token_roles_required = true
$(auth "$1")
X
}
shared() {
  cat <<X
[oslo_concurrency]
lock_path = $STATE/lock
[oslo_messaging_rabbit]
heartbeat_in_pthread = false
[oslo_messaging_notifications]
driver = noop
X
}
dbsec() { # SECTION DB
  cat <<X
[$1]
connection = $(db "$2")
max_pool_size = 8
max_overflow = 20
X
}
# One thread per privsep helper: with more, two calls at once can kill a helper's thread ("greenlet.error: cannot
# switch to a different thread") and the agent hangs for minutes.
privsep() { # FILE SECTION...
  local file=$1 s
  shift
  for s in "$@"; do
    printf '[%s]\nhelper_command = privsep-helper --config-file %s\nthread_pool_size = 1\n' "$s" "$file"
  done
}

cat >"$ETC/keystone/keystone.conf" <<X
[DEFAULT]
log_file = $LOG/keystone.log
use_stderr = false
public_endpoint = http://$API:5000
$(dbsec database keystone)
[token]
provider = fernet
expiration = 14400
[fernet_tokens]
key_repository = $STATE/fernet
[fernet_receipts]
key_repository = $STATE/fernet
[credential]
key_repository = $STATE/credential
[cache]
enabled = true
backend = dogpile.cache.memcached
memcache_servers = 127.0.0.1:$MEMC_PORT
[oslo_messaging_notifications]
driver = noop
X
cat >"$ETC/placement/placement.conf" <<X
[DEFAULT]
log_file = $LOG/placement.log
use_stderr = false
[api]
auth_strategy = keystone
$(dbsec placement_database placement)
$(authtoken placement)
X
cat >"$ETC/glance/glance-api.conf" <<X
[DEFAULT]
$(common glance)
bind_host = $API
bind_port = 9292
workers = 0
enabled_backends = fs:file
node_staging_uri = file://$STATE/glance/staging
$(dbsec database glance)
[glance_store]
default_backend = fs
[fs]
filesystem_store_datadir = $STATE/glance/images
[os_glance_staging_store]
filesystem_store_datadir = $STATE/glance/staging
[os_glance_tasks_store]
filesystem_store_datadir = $STATE/glance/tasks
[paste_deploy]
flavor = keystone
config_file = /etc/glance/glance-api-paste.ini
$(authtoken glance)
$(shared)
X
