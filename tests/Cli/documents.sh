#!/usr/bin/env bash
# documents.sh SCRIPT: runs the commands of a document as a reader would, one after the other, in this folder. `mlops` is
# the built program ($MLOPS) with short runs: $SHORT names for every recipe the settings that make it so, $FASHION the
# images of the model that comes along, if they are installed. The run that documents call 3f2a is the latest one, and
# their server's port is whichever was free.
set -euo pipefail
trap '[ -z "$server" ] || kill "$server"' EXIT
export MLOPS_HOME=$PWD/home MLOPS_HTTP=http://127.0.0.1:0
address=none server= run=

mlops() {
  local more=()
  if [[ $1 == run && $2 != --* ]]; then
    read -ra more <<<"$(grep -m1 "^$2 " "$SHORT" | cut -d' ' -f2-)"
    [[ "$*" != *"--data "* || "$*" == *"--model "* ]] || more+=(--set model.steps=6 --set model.batch-size=2)
  fi
  [ "$1" != compare ] || more=(--images 6 --steps 6 --truth-steps 6 --set table.probes=2 --set table.signs=1
    --set table.check-probes=2 --set evaluation.timing-rounds=1 --set evaluation.timing-batch=1
    --set evaluation.loss-images=4)
  # A run without data draws some first, except of the model that comes along where its images are installed.
  if [[ $1 =~ ^(run|compare)$ && "$*" != *"--data "* ]] &&
    { [[ "$*" == *"--model "* ]] || [ -z "$FASHION" ]; }; then
    more+=(--set data.images=10 --set data.batch=10 --set data.steps=2)
  fi
  case $1 in
    serve) [ $address != none ] || serve ;;
    resume) interrupted && judged resume "$run" ;;
    *) judged "$@" "${more[@]}" ;;
  esac
}

# Models that are tuned for a few steps need not pass the gate.
judged() { dotnet "$MLOPS" "$@" || [ $? = 3 ]; }

# Goes on as soon as the server listens.
serve() {
  exec {lines}< <(exec dotnet "$MLOPS" serve)
  server=$!
  while read -r line <&"$lines"; do
    [[ $line == *"Listening on "* ]] && address=${line##* } && return
  done
  return 1
}

# A reader resumes what was interrupted: without a server that is a run which gets a Ctrl-C as soon as it has started.
interrupted() {
  [ "$address" = none ] || return 0
  exec {lines}< <(exec dotnet "$MLOPS" run train --data procedural --set model.steps=60 --set model.batch-size=2)
  local process=$! line
  while read -r line <&"$lines"; do [[ $line == *" started: "* ]] && kill -INT "$process"; done
  latest
}

# The short settings of a recipe as members of a JSON object.
settings() {
  { echo "--set model.steps=6 --set model.batch-size=2"; grep "^$1 " "$SHORT"; } |
    grep -oE '[a-z-]+\.[a-z-]+=[0-9]+' | sed -E 's/(.*)=(.*)/"\1":\2,/' | tr -d '\n'
}

# Read to its end first: a program whose output is cut off fails.
latest() { run=$(dotnet "$MLOPS" status); run=$(grep -m1 -oE '^[0-9a-f]{8} ' <<<"$run"); run=${run% }; }

while IFS= read -r command; do
  while [[ $command == *\\ || $(grep -o "'" <<<"$command" | wc -l) =~ [13579]$ ]] && IFS= read -r line; do
    command+=$'\n'$line
  done
  if [[ $command == *3f2a* ]]; then latest; fi
  if [[ $command == *127.0.0.1:8480* && $address == none ]]; then serve; fi
  command=${command//3f2a/$run}
  command=${command//\"settings\":{/\"settings\":{$(settings alter)}
  command=${command//http:\/\/127.0.0.1:8480/$address}
  echo "\$ $command"
  eval "$command"
done <"$1"
