#!/usr/bin/env bash
# test.sh TIER...: builds strictly, runs the tests of these tiers, names the failed and the skipped ones, and ends with the
# totals alone on a line.
#   unit    laws, pure logic, maths, hosts in memory, every recipe: minutes, needs nothing but the SDK
#   e2e     the services as processes on a real broker and a real store, which are gone afterwards; and our metrics against
#           Debian's Python packages
#   drills  what takes long: kills at random and at every boundary, jobs that outlast the broker's timeout, long races, and
#           compose on a container engine, where root may start one
set -uo pipefail
cd "$(dirname "$0")/.."
# Tests run side by side; each of them gets one core.
export OMP_NUM_THREADS=1 GOMP_SPINCOUNT=${GOMP_SPINCOUNT:-10000} MASSTRANSIT_USAGE_TELEMETRY=false

dotnet build Mlops.sln -c Release -v quiet --nologo -p:Strict=true || { echo "0 passed, 1 failed, 0 skipped"; exit 1; }

results=$(mktemp -d)
# The servers of these tests, not those of `make up`.
export MLOPS_LOCAL=$results/local
status=0 total=0 passed=0 failed=0
finish() {
  [ ! -d "$MLOPS_LOCAL" ] || infra/local/down.sh
  rm -rf "$results"
}
trap finish EXIT

# Nothing may leave the machine: where the system allows it, the tests see no network but loopback. The mounts are theirs
# too, for the volumes that a test fills.
alone=()
if unshare -rnm true 2>/dev/null; then
  alone=(unshare -rnm sh -c 'ip link set lo up 2>/dev/null || ifconfig lo up; exec "$0" "$@"')
else
  echo "note: no network namespace can be made here; the tests run with the network of the machine"
fi

count() { sed -n "s/.* $1=\"\([0-9]*\)\".*/\1/p" <<<"$counters"; }

# run NAME FILTER AT_ONCE COMMAND...: one round of tests, so many classes at once (0: one per core), added to the totals;
# a round without a result counts as a failure, and one in which no test ends for half an hour is stopped and says where.
run() {
  local name=$1 filter=$2 at_once=$3 counters
  shift 3
  "$@" dotnet test tests/Tests.csproj -c Release --no-build --nologo --filter "$filter" \
    --blame-hang-timeout 30m --blame-hang-dump-type none --results-directory "$results" \
    --logger "console;verbosity=minimal" --logger "trx;LogFileName=$name.trx" \
    -- xUnit.MaxParallelThreads="$at_once" || status=1
  counters=$(grep -o '<Counters [^>]*>' "$results/$name.trx" 2>/dev/null || true)
  if [ -z "$(count total)" ]; then failed=$((failed + 1)) status=1; return; fi
  total=$((total + $(count total))) passed=$((passed + $(count passed))) failed=$((failed + $(count failed)))
  [ "$(count total)" -gt 0 ] || { echo "no $name tests ran"; failed=$((failed + 1)) status=1; }
}

servers() {
  for group in servers node browser oracles; do infra/packages.sh "$group" || exit 2; done
  node=tests/EndToEnd/node
  [ $node/node_modules/.package-lock.json -nt $node/package-lock.json ] || npm ci --prefix $node --silent || exit 2
}

# with_engine COMMAND...: where no engine can be had, the command learns the reason instead.
with_engine() {
  local code=0
  infra/packages.sh containers || true
  infra/docker/offline.sh "$@" 2>"$results/engine" || code=$?
  cat "$results/engine" >&2
  [ $code -eq 3 ] || return $code
  MLOPS_NO_ENGINE=$(tail -n 1 "$results/engine") "$@"
}

for tier in "$@"; do
  case $tier in
    unit) run unit "Category!=EndToEnd&Category!=Drill" 0 "${alone[@]}" ;;
    # More at once than cores: most of the time they wait for each other.
    e2e) servers; run e2e "Category=EndToEnd" 3 "${alone[@]}" infra/local/with-servers.sh ;;
    drills)
      servers; run drills "Category=Drill&Engine!=Docker" 2 "${alone[@]}" infra/local/with-servers.sh
      # Not in the namespaces of the others: only the real root may start an engine.
      run compose "Category=Drill&Engine=Docker" 1 with_engine ;;
    *) echo "usage: test.sh unit|e2e|drills..." >&2; exit 2 ;;
  esac
done

# Once more at the end, where they are found: the messages themselves are far above.
sed -n 's/.*<UnitTestResult .*testName="\([^"]*\)".* outcome="\(Failed\|NotExecuted\)".*/\2: \1/p' "$results"/*.trx 2>/dev/null
skipped=$((total - passed - failed))
[ $skipped -ge 0 ] || skipped=0
echo "$passed passed, $failed failed, $skipped skipped"
exit $status
