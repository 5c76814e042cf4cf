#!/usr/bin/env bash
# with-servers.sh COMMAND...: runs a command that finds a broker and a store of its own in its environment.
# The broker is impatient, so that jobs outlast its consumer time-out within a test.
set -uo pipefail
here=$(dirname "$(realpath "$0")")
export MLOPS_LOCAL=${MLOPS_LOCAL:-$(mktemp -d)} BROKER_CONSUMER_TIMEOUT=${BROKER_CONSUMER_TIMEOUT:-60000}
export BROKER_PORT=${BROKER_PORT:-12673} STORE_PORT=${STORE_PORT:-12900}
"$here/up.sh" || exit 1
trap '"$here/down.sh"' EXIT
set -a
# shellcheck disable=SC1091
source "$MLOPS_LOCAL/env"
set +a
"$@"
