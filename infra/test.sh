#!/usr/bin/env bash
# Builds strictly, runs every test, names the skipped ones, and ends with the totals alone on a line.
set -uo pipefail
cd "$(dirname "$0")/.."
export OMP_NUM_THREADS=2 GOMP_SPINCOUNT=10000 MASSTRANSIT_USAGE_TELEMETRY=false

dotnet build Mlops.sln -c Release -v quiet --nologo -p:Strict=true || { echo "0 passed, 1 failed, 0 skipped"; exit 1; }

results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
dotnet test tests/Tests.csproj -c Release --no-build --nologo \
  --logger "console;verbosity=minimal" --logger "trx;LogFileName=all.trx" --results-directory "$results"
status=$?

counters=$(grep -o '<Counters [^>]*>' "$results/all.trx" 2>/dev/null || true)
count() { sed -n "s/.* $1=\"\([0-9]*\)\".*/\1/p" <<<"$counters"; }
total=$(count total); passed=$(count passed); failed=$(count failed)
[ -n "$total" ] || { echo "0 passed, 1 failed, 0 skipped"; exit 1; }
echo "$passed passed, $failed failed, $((total - passed - failed)) skipped"
exit $status
