#!/usr/bin/env bash
# start.sh: what a newcomer waits for: restore from an empty package cache, first build, start of `mlops --help` and of a
# worker, and the memory of a worker at rest. Prints the rows of a table; everything it makes is removed.
set -euo pipefail
cd "$(dirname "$0")/../.."
folder=$(mktemp -d)
worker=
trap '[ -z "$worker" ] || kill "$worker" 2>/dev/null; rm -rf "$folder"' EXIT
git clone -q . "$folder/clone"
cd "$folder/clone"
export NUGET_PACKAGES=$folder/packages DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 UseSharedCompilation=false

seconds() { local start=$EPOCHREALTIME; "$@" >"$folder/output"; echo "$EPOCHREALTIME - $start" | bc; }
row() { printf '| %s | %s |\n' "$1" "$2"; }

restore=$(seconds dotnet restore services/Cli)
row "restore from an empty cache" "$(printf %.0f "$restore") s, $(du -sm "$NUGET_PACKAGES" | cut -f1) MB of packages"
row "first build of mlops" "$(printf %.0f "$(seconds dotnet build services/Cli -c Release --no-restore -v quiet)") s"

bin=services/Cli/bin/Release/net10.0
for _ in 1 2 3 4 5; do seconds dotnet $bin/mlops.dll --help; done | sort -n | sed -n 3p >"$folder/help"
row '`mlops --help`, median of 5' "$(printf %.2f "$(cat "$folder/help")") s"

start=$EPOCHREALTIME
exec {lines}< <(MLOPS_HOME=$folder/home exec dotnet $bin/Mlops.CoFinetuning.dll)
worker=$!
while read -r line <&"$lines"; do [[ $line != *"Listening on"* ]] || break; done
row "start of a worker until it listens" "$(printf %.2f "$(echo "$EPOCHREALTIME - $start" | bc)") s"
row "resident memory of that worker at rest" "$(awk '/VmRSS/ { printf "%.0f", $2 / 1024 }' "/proc/$worker/status") MiB"
