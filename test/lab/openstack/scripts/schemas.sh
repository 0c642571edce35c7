# shellcheck shell=bash
# Databases and their schemas; saved once, so that the next cloud is up 30 s sooner. Sourced by ground.sh.
dbs="keystone glance placement neutron nova_api nova_cell0 nova_cell1"
sql <<X || die "creating the databases failed"
$(for d in $dbs; do echo "CREATE DATABASE IF NOT EXISTS $d CHARACTER SET utf8;"; done)
CREATE USER IF NOT EXISTS 'cloud'@'127.0.0.1' IDENTIFIED BY '$DB_PASS';
ALTER USER 'cloud'@'127.0.0.1' IDENTIFIED BY '$DB_PASS';
$(for d in $dbs; do echo "GRANT ALL ON $d.* TO 'cloud'@'127.0.0.1';"; done)
X
versions=$(dpkg-query -W -f='${Package}=${Version} ' keystone glance-api placement-api nova-common neutron-common)
saved=$CACHE/schemas.sql.gz
nova_manage() { nova-manage --config-file "$ETC/nova/nova.conf" "$@"; }

create_schemas() {
  neutron-db-manage --config-file "$ETC/neutron/neutron.conf" --config-file "$ETC/neutron/ml2.ini" upgrade heads \
    >"$LOG/schemas-neutron.log" 2>&1 &
  local neutron=$!
  {
    keystone-manage --config-file "$ETC/keystone/keystone.conf" db_sync &&
      OS_PLACEMENT_CONFIG_DIR="$ETC/placement" placement-manage --config-file "$ETC/placement/placement.conf" db sync &&
      glance-manage --config-file "$ETC/glance/glance-api.conf" db_sync &&
      nova_manage api_db sync && nova_manage cell_v2 map_cell0 --database_connection "$(db nova_cell0)" && nova_manage db sync &&
      { nova_manage cell_v2 list_cells | grep -q ' cell1 ' || nova_manage cell_v2 create_cell --name cell1; }
  } >>"$LOG/schemas.log" 2>&1 || { wait $neutron; return 1; }
  wait $neutron
}

if [ ! -e "$STATE/schemas.done" ]; then
  if [ "$(cat "$CACHE/schemas.version" 2>/dev/null)" = "$versions" ]; then
    zcat "$saved" | sql || die "loading $saved failed"
  else
    say "creating the schemas"
    create_schemas || { tail -n 5 "$LOG"/schemas*.log; die "creating the schemas failed"; }
    # shellcheck disable=SC2086
    (umask 077; mariadb-dump --no-defaults --socket="$SOCK" -uroot --databases $dbs | gzip -1 >"$saved") &&
      echo "$versions" >"$CACHE/schemas.version"
  fi
  touch "$STATE/schemas.done"
fi
say "the schemas are there"
