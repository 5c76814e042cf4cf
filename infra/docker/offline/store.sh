#!/usr/bin/env bash
# The object store of `make up` as the only process of a container: up until the container is asked to stop.
set -euo pipefail
trap 'exit 0' TERM
trap '/bin/bash /mlops/local/store.sh down' EXIT
/bin/bash /mlops/local/store.sh up
sleep infinity & wait
