#!/bin/bash
# First half of the way up: folders, database, queue, the bridge, settings, schemas, keystone and the slow starters.
# Idempotent: what runs is left alone.
set -uo pipefail
. "$(dirname "$0")/lib.sh"
[ "$(id -u)" = 0 ] || die "run as root"

mkdir -p "$STATE"/{cache,etc,log,run,tmp,home,lock,mysql,rabbit,glance/images,nova/instances,neutron,fernet,credential,libvirt/etc,libvirt/lib}
chmod 755 "$STATE"
chmod 700 "$STATE"/{cache,etc,home,fernet,credential}
chmod 1777 "$STATE/tmp" "$RUN"
chmod 711 "$STATE/nova" "$STATE/nova/instances"

# ---------------------------------------------------------------- secrets
# Kept with the saved schemas, which hold the database's password.
if [ ! -s "$CACHE/secrets" ]; then
  (umask 077
    for k in DB_PASS RABBIT_PASS ADMIN_PASS SERVICE_PASS BOT_PASS META_SECRET; do
      echo "$k=$(head -c 15 /dev/urandom | base64 | tr -dc A-Za-z0-9)"
    done >"$CACHE/secrets")
fi
. "$CACHE/secrets"
for d in fernet credential; do # what `keystone-manage fernet_setup` does: a staged key and a primary one
  for n in 0 1; do
    [ -s "$STATE/$d/$n" ] || (umask 077 && head -c 32 /dev/urandom | base64 | tr '+/' '-_' >"$STATE/$d/$n")
  done
done

# ---------------------------------------------------------------- database, queue, cache
chown -R mysql: "$STATE/mysql"
if [ ! -d "$STATE/mysql/mysql" ]; then
  mariadb-install-db --no-defaults --user=mysql --datadir="$STATE/mysql" --skip-test-db \
    --auth-root-authentication-method=socket >"$LOG/mysql-install.log" 2>&1 || die "mariadb-install-db failed"
fi
start mysql mariadbd --no-defaults --user=mysql --datadir="$STATE/mysql" --socket="$SOCK" \
  --pid-file="$STATE/mysql/mysqld.pid" --bind-address=127.0.0.1 --port=$DB_PORT \
  --innodb-buffer-pool-size=192M --innodb-log-file-size=48M --innodb-flush-log-at-trx-commit=0 \
  --innodb-flush-method=nosync --skip-innodb-doublewrite --performance-schema=OFF --skip-log-bin \
  --max-connections=400 --character-set-server=utf8 --collation-server=utf8_general_ci --skip-name-resolve

cat >"$ETC/rabbitmq.conf" <<X
listeners.tcp.1 = 127.0.0.1:$RABBIT_PORT
default_user = cloud
default_pass = $RABBIT_PASS
vm_memory_high_watermark.absolute = 1GB
disk_free_limit.absolute = 50MB
log.console = true
log.console.level = warning
log.file = false
X
echo "[]." >"$ETC/rabbit-plugins"
start epmd epmd -address 127.0.0.1
start rabbit env HOME="$STATE/rabbit" ERL_EPMD_ADDRESS=127.0.0.1 RABBITMQ_NODENAME=cloud@localhost \
  RABBITMQ_MNESIA_BASE="$STATE/rabbit" RABBITMQ_LOG_BASE="$LOG" RABBITMQ_CONFIG_FILE="$ETC/rabbitmq" \
  RABBITMQ_ENABLED_PLUGINS_FILE="$ETC/rabbit-plugins" RABBITMQ_DIST_PORT=25672 \
  RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="-kernel inet_dist_use_interface {127,0,0,1} +S 2:2 +sbwt none +sbwtdcpu none +sbwtdio none" \
  /usr/lib/rabbitmq/bin/rabbitmq-server
start memcached memcached -u memcache -l 127.0.0.1 -p $MEMC_PORT -m 64

. "$HERE/bridge.sh"
mkdir -p "$ETC"/{keystone,placement,glance,nova,neutron}
. "$HERE/settings.sh"
. "$HERE/settings-nova.sh"
. "$HERE/settings-neutron.sh"
wait_for 60 MariaDB sql -e 'select 1'
. "$HERE/schemas.sh"

# ---------------------------------------------------------------- keystone, and who is slow to start
if [ ! -e "$STATE/bootstrap.done" ]; then
  keystone-manage --config-file "$ETC/keystone/keystone.conf" bootstrap \
    --bootstrap-password "$ADMIN_PASS" --bootstrap-region-id "$REGION" \
    --bootstrap-public-url "http://$API:5000/v3/" --bootstrap-internal-url "http://$API:5000/v3/" \
    --bootstrap-admin-url "http://$API:5000/v3/" >>"$LOG/schemas.log" 2>&1 || die "keystone bootstrap failed"
  touch "$STATE/bootstrap.done"
fi
wsgi() { # NAME PORT FILE ENV...
  local name=$1 port=$2 file=$3
  shift 3
  start "$name" env "$@" uwsgi_python3 --plugin python3 --master --die-on-term --need-app --lazy-apps --enable-threads \
    --http-socket "$API:$port" --wsgi-file "$file" --processes 1 --threads 4 --buffer-size 65535 \
    --add-header "Connection: close" --disable-logging --no-orphans
}
wsgi keystone 5000 /usr/bin/keystone-wsgi-public OS_KEYSTONE_CONFIG_FILES="$ETC/keystone/keystone.conf"
wsgi placement 8778 /usr/bin/placement-api OS_PLACEMENT_CONFIG_DIR="$ETC/placement"
wait_for 60 RabbitMQ port_up 127.0.0.1 $RABBIT_PORT
start glance glance-api --config-file "$ETC/glance/glance-api.conf"
start neutron-server neutron-server --config-file "$ETC/neutron/neutron.conf" --config-file "$ETC/neutron/ml2.ini"
start nova-api nova-api --config-file "$ETC/nova/nova.conf" --log-file "$LOG/nova-api.log"
wait_for 60 keystone http_up "http://$API:5000/v3"
say "keystone answers"
