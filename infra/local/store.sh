#!/usr/bin/env bash
# store.sh up|down|kill: an S3 server on loopback (Ceph's RADOS Gateway from Debian), without root or a service manager.
# State in $MLOPS_LOCAL/store (default .local); ports from $STORE_PORT (default 19000) and what follows from it.
# $STORE_BUCKET is made (default mlops). $STORE_BYTES: how large the store may grow (default 8 GiB, a sparse file).
# $STORE_ADDRESS: where the gateway listens (default loopback).
set -euo pipefail

state=$(realpath -m "${MLOPS_LOCAL:-.local}")/store
port=${STORE_PORT:-19000} bucket=${STORE_BUCKET:-mlops}
url=http://127.0.0.1:$port
monitor="[v2:127.0.0.1:$((port - 5700)),v1:127.0.0.1:$((port - 2220))]"
timeout=60
export CEPH_CONF=$state/ceph.conf

for tool in radosgw ceph-mon ceph-osd ceph radosgw-admin monmaptool curl; do
  command -v "$tool" >/dev/null ||
    { echo "$tool is missing: apt-get install radosgw ceph-mon ceph-osd curl" >&2; exit 2; }
done

# Credentials of the environment, else new ones; a store that was made keeps the ones it was made with.
credentials() {
  mkdir -p "$state"
  local access=${MLOPS_STORE_ACCESS_KEY:-mlops} secret=${MLOPS_STORE_SECRET_KEY:-}
  if [ ! -e "$state/made" ]; then
    (umask 077; echo "${secret:-$(head -c 24 /dev/urandom | base64 | tr '+/' 'ab')}" >"$state/secret-key")
    echo "$access" >"$state/access-key"
  elif [ "$secret" != "" ] && [ "$access:$secret" != "$(cat "$state/access-key"):$(cat "$state/secret-key")" ]; then
    echo "the store in $state was made with other credentials; unset MLOPS_STORE_SECRET_KEY or delete that folder" >&2
    exit 2
  fi
}

# One daemon of each kind with one copy of everything, and no secrets between them: all of it stays on loopback.
# The monitor's intervals make a start take seconds; crc mode is what the gateway needs when there are no secrets;
# deleted objects are collected at once, or the sparse file would fill up within a few test runs.
configure() {
  mkdir -p "$state"/{monitor,disk,gateway,log,run}
  cat >"$CEPH_CONF" <<CONF
[global]
fsid = $(cat /proc/sys/kernel/random/uuid)
mon_initial_members = a
mon_host = $monitor
public_addr = 127.0.0.1
cluster_addr = 127.0.0.1
auth_cluster_required = none
auth_service_required = none
auth_client_required = none
ms_client_mode = crc
ms_mon_client_mode = crc
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 1
osd_pool_default_pgp_num = 1
osd_pool_default_pg_autoscale_mode = off
osd_crush_chooseleaf_type = 0
mon_allow_pool_size_one = true
mon_max_pg_per_osd = 1000
mon_data_avail_warn = 2
mon_data_avail_crit = 1
mon_tick_interval = 1
paxos_propose_interval = 0.05
paxos_min_wait = 0.01
run_dir = $state/run
pid_file = $state/run/\$name.pid
heartbeat_file = $state/run/\$name.heartbeat
admin_socket =
log_file = $state/log/\$name.log
log_to_stderr = false
[mon.a]
mon_data = $state/monitor
mon_cluster_log_file = $state/log/cluster.log
[osd.0]
osd_data = $state/disk
osd_objectstore = bluestore
bluestore_block_create = true
bluestore_block_size = ${STORE_BYTES:-8589934592}
osd_memory_target = 939524096
osd_class_load_list = *
osd_class_default_list = *
[client.rgw.a]
rgw_data = $state/gateway
rgw_frontends = beast endpoint=${STORE_ADDRESS:-127.0.0.1}:$port tcp_nodelay=1
rgw_thread_pool_size = 64
rgw_override_bucket_index_max_shards = 1
rgw_gc_obj_min_wait = 5
rgw_gc_processor_period = 10
rgw_enable_usage_log = false
rgw_run_sync_thread = false
CONF
}

# The program behind the pid file, which a daemon that ends removes; a dead process that nobody waited for has no program,
# nor has a reused number.
alive() {
  local pid
  pid=$(cat "$state/run/$1.pid" 2>/dev/null) && [[ $(readlink "/proc/$pid/exe" 2>/dev/null) == */"$2"* ]]
}

start() {
  local name=$1 program=$2
  alive "$name" "$program" || "$program" -n "$name" >>"$state/log/start.log" 2>&1
}

signal() {
  local name=$1 program=$2 how=$3
  alive "$name" "$program" || return 0
  kill "-$how" "$(cat "$state/run/$name.pid")"
  for _ in $(seq 100); do
    alive "$name" "$program" || return 0
    sleep 0.1
  done
  kill -9 "$(cat "$state/run/$name.pid")" 2>/dev/null || true
}

# A request signed with our credentials, which travel by standard input: command lines are public.
signed() {
  curl -s -o /dev/null -w '%{http_code}' --aws-sigv4 aws:amz:us-east-1:s3 -K - "$@" \
    <<<"user = \"$(cat "$state/access-key"):$(sed 's/[\\"]/\\&/g' "$state/secret-key")\"" || true
}

first_start() {
  rm -rf "$state"/{monitor,disk,gateway,log,run}
  configure
  local cluster disk
  cluster=$(sed -n 's/^fsid = //p' "$CEPH_CONF") disk=$(cat /proc/sys/kernel/random/uuid)
  monmaptool --create --clobber --fsid "$cluster" --addv a "$monitor" "$state/monmap" >/dev/null
  ceph-mon -i a --mkfs --monmap "$state/monmap"
  start mon.a ceph-mon
  timeout "$timeout" ceph osd new "$disk" >/dev/null
  ceph-osd -i 0 --mkfs --osd-uuid "$disk" >>"$state/log/start.log" 2>&1
  start osd.0 ceph-osd
  timeout "$timeout" radosgw-admin user create --uid=mlops --display-name=mlops \
    --access-key="$(cat "$state/access-key")" --secret-key="$(cat "$state/secret-key")" \
    >/dev/null 2>>"$state/log/start.log"
  touch "$state/made"
}

up() {
  credentials
  [ -e "$state/made" ] || { stop TERM; first_start; }
  start mon.a ceph-mon
  start osd.0 ceph-osd
  start client.rgw.a radosgw
  # Making the bucket again is harmless, and only a store that works can do it.
  local begin=$SECONDS answer=
  while [ $((SECONDS - begin)) -lt "$timeout" ]; do
    answer=$(signed --max-time 10 -X PUT -H 'x-amz-content-sha256: UNSIGNED-PAYLOAD' "$url/$bucket")
    [ "$answer" = 200 ] && break
    sleep 0.2
  done
  [ "$answer" = 200 ] || { echo "the store did not come up within $timeout s; see $state/log" >&2; exit 1; }
  echo "MLOPS_STORE=$url/$bucket"
  echo "MLOPS_STORE_ACCESS_KEY=$(cat "$state/access-key")"
  echo "MLOPS_STORE_SECRET_KEY_FILE=$state/secret-key"
}

# The gateway needs the disk to finish, and the disk the monitor.
stop() {
  signal client.rgw.a radosgw "$1"
  signal osd.0 ceph-osd "$1"
  signal mon.a ceph-mon "$1"
}

case "${1:-}" in
  up) up ;;
  down) stop TERM ;;
  kill) stop KILL ;;
  *) echo "usage: store.sh up|down|kill" >&2; exit 2 ;;
esac
