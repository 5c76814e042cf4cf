#!/usr/bin/env bash
# broker.sh up|down|kill: RabbitMQ from Debian on loopback, without root or a service manager.
# State in $MLOPS_LOCAL/broker (default .local); ports from $BROKER_PORT (default 5673) and what follows from it.
# $BROKER_CONSUMER_TIMEOUT: milliseconds that a message may stay unacknowledged (default a week; jobs take hours).
set -euo pipefail

state=$(realpath -m "${MLOPS_LOCAL:-.local}")/broker
port=${BROKER_PORT:-5673}
management=$((port + 10000)) distribution=$((port + 20000)) names=$((port + 1000))
timeout=90

sbin=$(dirname "$(dpkg -L rabbitmq-server 2>/dev/null | grep '/sbin/rabbitmqctl$' | grep lib | head -n 1)" 2>/dev/null) || true
[ -x "${sbin:-}/rabbitmq-server" ] || { echo "rabbitmq-server is missing: apt-get install rabbitmq-server" >&2; exit 2; }

# Every call of the tools needs the same; without it they would start a name server on all interfaces.
export HOME=$state/home RABBITMQ_NODENAME="mlops$port@localhost"
export RABBITMQ_MNESIA_BASE=$state/data RABBITMQ_LOG_BASE=$state/log RABBITMQ_PID_FILE=$state/pid
export RABBITMQ_CONFIG_FILE=$state/rabbitmq RABBITMQ_ENABLED_PLUGINS_FILE=$state/enabled_plugins
export RABBITMQ_DIST_PORT=$distribution ERL_EPMD_ADDRESS=127.0.0.1 ERL_EPMD_PORT=$names
export RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="-kernel inet_dist_use_interface {127,0,0,1}"

# The process behind the pid file, if it is this broker; the number of one that was killed may be somebody else's by now.
alive() {
  local pid
  pid=$(cat "$state/pid" 2>/dev/null) && grep -qzxF "$HOME" "/proc/$pid/cmdline" 2>/dev/null
}

# The password of the environment, else a new one; a broker that was made keeps the one it was made with.
credentials() {
  mkdir -p "$state"/{home,data,log}
  local password=${MLOPS_BROKER_PASSWORD:-}
  if [ ! -s "$state/password" ]; then
    (umask 077; echo "${password:-$(head -c 18 /dev/urandom | base64 | tr '+/' 'ab')}" >"$state/password")
  elif [ "$password" != "" ] && [ "$password" != "$(cat "$state/password")" ]; then
    echo "the broker in $state was made with another password; unset MLOPS_BROKER_PASSWORD or delete that folder" >&2
    exit 2
  fi
}

configure() {
  (umask 077; cat >"$state/rabbitmq.conf" <<CONF
listeners.tcp.1 = 127.0.0.1:$port
management.tcp.ip = 127.0.0.1
management.tcp.port = $management
consumer_timeout = ${BROKER_CONSUMER_TIMEOUT:-604800000}
default_user = mlops
default_pass = $(cat "$state/password")
loopback_users = none
CONF
  )
  echo "[rabbitmq_management]." >"$state/enabled_plugins"
}

# The password travels by standard input: command lines are public.
healthy() {
  curl -fs -o /dev/null -K - "http://127.0.0.1:$management/api/health/checks/local-alarms" \
    <<<"user = \"mlops:$(sed 's/[\\"]/\\&/g' "$state/password")\""
}

up() {
  credentials
  if ! alive; then
    configure
    rm -f "$state/pid"
    setsid "$sbin/rabbitmq-server" >"$state/log/start.log" 2>&1 </dev/null &
  fi
  local begin=$SECONDS
  until healthy || [ $((SECONDS - begin)) -ge "$timeout" ]; do sleep 0.2; done
  healthy || { echo "RabbitMQ did not come up within $timeout s; see $state/log" >&2; exit 1; }
  echo "MLOPS_BROKER=amqp://127.0.0.1:$port/"
  echo "MLOPS_BROKER_USER=mlops"
  echo "MLOPS_BROKER_PASSWORD_FILE=$state/password"
  echo "BROKER_MANAGEMENT=http://127.0.0.1:$management"
}

down() {
  if alive; then
    "$sbin/rabbitmqctl" -q stop "$state/pid" >/dev/null 2>&1 || kill -9 "$(cat "$state/pid")" 2>/dev/null || true
  fi
  # The name server that the broker started; it ends only when no node is registered.
  command -v epmd >/dev/null && epmd -port "$names" -kill >/dev/null 2>&1 || true
  rm -f "$state/pid"
}

case "${1:-}" in
  up) up ;;
  down) down ;;
  kill) alive && kill -9 "$(cat "$state/pid")" || true ;;
  *) echo "usage: broker.sh up|down|kill" >&2; exit 2 ;;
esac
