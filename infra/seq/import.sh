#!/usr/bin/env bash
# Brings the signals, dashboards and alerts of this folder into a Seq server: creates what is missing and updates, by
# title, what is there; safe to repeat. Needs curl and jq.
#   MLOPS_SEQ            http://host:port
#   MLOPS_SEQ_API_KEY    a key that may write the project; or, for the first time:
#   SEQ_ADMIN_PASSWORD   the password of the user `admin`
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

fail() { echo "import: $1" >&2; exit 2; }
seq=${MLOPS_SEQ:-}
[[ $seq == http://* || $seq == https://* ]] || fail "MLOPS_SEQ must name the server, for example http://127.0.0.1:5341"
for tool in curl jq; do command -v "$tool" > /dev/null || fail "$tool is missing; install it"; done

secrets=$(mktemp -d)
trap 'rm -rf "$secrets"' EXIT
chmod 700 "$secrets"
# Keys go through files: other users of the machine can read the arguments of a process.
call=(curl -fsS --noproxy '*' --max-time 30 -H 'Content-Type: application/json')
if [[ -n ${MLOPS_SEQ_API_KEY:-} ]]; then
  printf 'X-Seq-ApiKey: %s\n' "$MLOPS_SEQ_API_KEY" > "$secrets/key"
  call+=(-H "@$secrets/key")
elif [[ -n ${SEQ_ADMIN_PASSWORD:-} ]]; then
  jq -n '{Username: "admin", Password: env.SEQ_ADMIN_PASSWORD}' > "$secrets/login"
  "${call[@]}" -c "$secrets/cookies" -d "@$secrets/login" -o /dev/null "$seq/api/users/login" \
    || fail "$seq does not let the user admin in; correct SEQ_ADMIN_PASSWORD, or make a key and set MLOPS_SEQ_API_KEY"
  call+=(-b "$secrets/cookies")
fi

declare -A known
for file in *.template; do
  IFS=$'\t' read -r kind title < <(jq -r '[."$entity", .Title] | @tsv' "$file")
  items="$seq/api/${kind}s"
  [[ -n ${known[$kind]:-} ]] || known[$kind]=$("${call[@]}" "$items?shared=true") \
    || fail "$items cannot be read; is it a Seq server, and may the key?"
  id=$(jq -r --arg title "$title" '[.[] | select(.Title == $title and .OwnerId == null)][0].Id // empty' <<< "${known[$kind]}")
  if [[ -z $id ]]; then
    jq 'del(."$entity")' "$file" | "${call[@]}" -X POST -d @- -o /dev/null "$items" \
      || fail "$file is refused"
    echo "created $kind '$title'"
  else
    # What the server adds, such as the activity of an alert, is kept.
    jq --slurpfile now "$file" --arg id "$id" \
      '(.[] | select(.Id == $id)) * ($now[0] | del(."$entity"))' <<< "${known[$kind]}" \
      | "${call[@]}" -X PUT -d @- -o /dev/null "$items/$id" || fail "$file is refused"
    echo "updated $kind '$title'"
  fi
done
