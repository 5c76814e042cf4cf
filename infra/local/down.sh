#!/usr/bin/env bash
# down.sh: stops what up.sh started; its state stays.
set -euo pipefail
cd "$(dirname "$0")"
export MLOPS_LOCAL=${MLOPS_LOCAL:-$(realpath ../..)/.local}
./broker.sh down
./store.sh down
