# shellcheck shell=bash
# Shared by the other scripts; sourced, not run. Where everything is, and how a daemon is started.
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
export PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8
unset http_proxy https_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY all_proxy PYTHONPATH PYTHONHOME

STATE=${DRAWBRIDGE_CLOUD_DIR:-/var/lib/drawbridge-cloud} # everything that changes lives here
CACHE=$STATE/cache                                       # what outlives the cloud: guest images, schemas
API=127.0.0.1
REGION=RegionOne
HOST_ID=compute1
EXT_BR=br-ex
# Not 203.0.113.0/24: a machine's package mirror may have its address there (ground.sh looks).
EXT_PREFIX=198.51.100
EXT_GW=$EXT_PREFIX.1
DB_PORT=33306
RABBIT_PORT=5672
MEMC_PORT=11211
ETC=$STATE/etc LOG=$STATE/log RUN=$STATE/run
SOCK=$RUN/mysql.sock

say() { printf '[%4ds] %s\n' "$SECONDS" "$*"; }
die() {
  echo "cloud lab: $*" >&2
  exit 1
}

# A pid file holds "pid starttime", so a recycled pid is never taken for ours.
_start_of() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | awk '{print $20}'; }
alive() { # NAME
  local pid st
  [ -s "$RUN/$1.pid" ] || return 1
  read -r pid st <"$RUN/$1.pid"
  [ -n "$st" ] && [ "$(_start_of "$pid")" = "$st" ]
}
# In its own session, with a clean environment. HOME marks the daemon and all its children as the lab's: by it they are
# found again when the lab goes.
start() { # NAME CMD...
  local name=$1 pid
  shift
  alive "$name" && return 0
  env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 LANG=C.UTF-8 HOME="$STATE/home" TMPDIR="$STATE/tmp" \
    PYTHONUNBUFFERED=1 setsid "$@" >>"$LOG/$name.log" 2>&1 </dev/null &
  pid=$! # `setsid` execs in place when it is not a group leader, as here, so this is the daemon
  echo "$pid $(_start_of "$pid")" >"$RUN/$name.pid"
}
wait_for() { # SECONDS WHAT CMD...
  local end=$((SECONDS + $1)) what=$2
  shift 2
  until "$@" >/dev/null 2>&1; do
    [ $SECONDS -ge $end ] && die "timed out waiting for $what (logs: $LOG)"
    sleep 0.3
  done
}
http_up() { curl -s -o /dev/null --max-time 5 "$1"; }
port_up() { (exec 3<>"/dev/tcp/$1/$2") 2>/dev/null; }
sql() { mariadb --no-defaults --socket="$SOCK" -uroot -N -B "$@"; }
db() { echo "mysql+pymysql://cloud:$DB_PASS@127.0.0.1:$DB_PORT/$1?charset=utf8"; }
