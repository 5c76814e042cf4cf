#!/usr/bin/env bash
# up.sh: broker and object store on loopback, without containers; leaves .local/env to be sourced by their users.
set -euo pipefail
cd "$(dirname "$0")"
export MLOPS_LOCAL=${MLOPS_LOCAL:-$(realpath ../..)/.local}
mkdir -p "$MLOPS_LOCAL"

./broker.sh up >"$MLOPS_LOCAL/broker.env" & broker=$!
./store.sh up >"$MLOPS_LOCAL/store.env" & store=$!
wait "$broker"
wait "$store"

cat "$MLOPS_LOCAL/broker.env" "$MLOPS_LOCAL/store.env"
sed 's/^/export /' "$MLOPS_LOCAL/broker.env" "$MLOPS_LOCAL/store.env" >"$MLOPS_LOCAL/env"
echo "Both are healthy. To let programs of this shell use them: source ${MLOPS_LOCAL#"$PWD"/}/env"
