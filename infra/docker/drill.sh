#!/usr/bin/env bash
# infra/docker/offline.sh infra/docker/drill.sh: what docs/deployment.md says of compose, done and looked at: six images,
# everything healthy, a run from the host, two workers of one kind, one of them killed at its work, everything taken down.
# Works in a copy of the checkout, with a .env of its own. Says what it does; ends with 1 at the first thing that is wrong.
set -euo pipefail

checkout=$(realpath "$(dirname "$0")/../..")
workers=(importance-scoring schedule-search co-finetuning sparse-export evaluation)
copy=$(mktemp -d)

step() { echo "$(date +%T) $*"; }
fail() { echo "wrong: $*" >&2; exit 1; }
mlops() { dotnet "$checkout/services/Cli/bin/Release/net10.0/mlops.dll" "$@"; }
api() { curl -fsS -H "Authorization: Bearer $MLOPS_API_KEY" "$MLOPS_SERVER/$1"; }
running() { docker compose ps --quiet --status running "$@" | wc -l; }

# wait_for TEXT COMMAND...: until the command succeeds; everything here ends by itself or by the limit of the caller.
wait_for() {
  local what=$1 begin=$SECONDS
  shift
  until "$@"; do
    [ $((SECONDS - begin)) -lt 900 ] || fail "it did not happen: $what"
    sleep 0.5
  done
}

on_exit() {
  local code=$?
  if [ $code -ne 0 ]; then
    docker compose ps --all
    docker compose logs --no-color --tail 40
    cat "$copy/run.log" 2>/dev/null || true
  fi
  docker compose down --volumes --timeout 10 >/dev/null 2>&1 || true
  rm -rf "$copy"
  exit $code
}
trap on_exit EXIT

tar -C "$checkout" --exclude bin --exclude obj -c docker-compose.yml .env.example .dockerignore .editorconfig \
  Directory.Build.props Directory.Build.targets Directory.Packages.props infra services shared | tar -C "$copy" -x
cd "$copy"
# Every value that is asked for, another one for each; a later line counts.
{
  cat .env.example
  for name in $(sed -n 's/^\([A-Z_]*\)=$/\1/p' .env.example); do
    echo "$name=$(head -c 18 /dev/urandom | base64 | tr '+/' 'ab')"
  done
  echo OMP_NUM_THREADS=1
} >.env

step "docker compose up --build --detach --wait"
docker compose up --build --detach --wait >build.log 2>&1 || { tail -n 60 build.log; fail "it does not come up"; }
for image in orchestrator "${workers[@]}"; do
  docker image inspect "mlops/$image:0.1.0" >/dev/null || fail "no image of $image"
done
for service in broker minio seq orchestrator "${workers[@]}"; do
  [ "$(docker compose ps --format '{{.Health}}' "$service")" = healthy ] || fail "$service is not healthy"
done

step "a second co-finetuning worker"
docker compose up --detach --wait --scale co-finetuning=2 >>build.log 2>&1 || fail "a second worker does not come up"
[ "$(running co-finetuning)" -eq 2 ] || fail "$(running co-finetuning) co-finetuning workers are running, not 2"

step "mlops run alter, from the host"
set -a; . ./.env; set +a
export MLOPS_STORE=http://127.0.0.1:9000/mlops MLOPS_SERVER=http://127.0.0.1:8480
export MLOPS_HOME=$copy/home
short=(model.steps=4 model.batch-size=2 scores.samples=2 scores.stages=2 scores.probes=2 scores.steps=2
  tuned.steps=200 tuned.batch-size=2 tuned.checkpoint-every=10
  tuned.probes=2 tuned.probe-steps=2 tuned.score-images=2 model.pictures=1
  evaluation.images=2 evaluation.batch=2 evaluation.steps=2 evaluation.real-images=0 evaluation.loss-images=2
  evaluation.pairs=2 evaluation.timing-rounds=0)
mlops run alter --data procedural "${short[@]/#/--set=}" --out results >run.log 2>&1 & client=$!

tuned() { api 'runs?count=1' | jq -e ".[0].jobs[]? | select(.jobId == \"tuned\" and ($1))" >job.json; }
middle() {
  kill -0 $client 2>/dev/null || fail "the run was over before its worker could be killed"
  tuned '.status == "Running" and .fraction > 0.25'
}
wait_for "'tuned' is in the middle" middle
holder=$(jq -r .workerId job.json)
step "killing ${holder%:*}, which has done $(jq .fraction job.json) of its job"
docker kill "${holder%:*}" >/dev/null
# Tuned for a few steps, it need not pass the gate.
wait $client || [ $? -eq 3 ] || fail "the run did not survive the worker"
grep -q "run completed" run.log || fail "the client does not say that the run completed"
[ -f results/model/model_index.json ] && [ -f results/report.html ] || fail "results are missing"
tuned '.status == "Completed" and .leaseLosses >= 1' || fail "the lease was not lost"
[ "$(jq -r .workerId job.json)" != "$holder" ] || fail "the killed worker completed the job"
api "runs/$(api 'runs?count=1' | jq -r '.[0].runId')" >run.json
jq -e '.attempts[] | select(.outcome == "Lost").usage.savedSeconds > 0' run.json >/dev/null ||
  fail "the killed worker had no checkpoint"

step "what was sent to Seq"
for service in orchestrator "${workers[@]}"; do
  wait_for "lines of $service" docker compose exec -T seq grep -qrF "{\"service\":{\"name\":\"$service\"" /data
done

step "backup of the history"
docker compose exec -T orchestrator sqlite3 /var/lib/mlops/history.db ".backup /var/lib/mlops/history.bak" </dev/null
docker compose cp orchestrator:/var/lib/mlops/history.bak . >>build.log 2>&1 || fail "the backup cannot be taken out"

step "the killed worker comes back, all of them stop gracefully, and the run is remembered"
up_again() { docker compose up --detach --wait --scale co-finetuning=2 >>build.log 2>&1; }
up_again || fail "the killed worker does not come back"
docker compose stop >>build.log 2>&1
ended=$(docker compose ps --all --format '{{.Name}} {{.ExitCode}}')
! grep -v ' 0$' <<<"$ended" || fail "these had to be killed"
up_again || fail "it does not come up again"
mlops status | grep -q 'alter  completed' || fail "the run is forgotten"

step "docker compose down"
docker compose down --volumes >>build.log 2>&1
[ -z "$(docker ps --all --quiet)" ] || fail "containers are left"
[ -z "$(docker volume ls --quiet)" ] || fail "volumes are left: $(docker volume ls --quiet)"
[ "$(docker network ls --quiet --filter type=custom | wc -l)" -eq 0 ] || fail "networks are left"
step "done"
