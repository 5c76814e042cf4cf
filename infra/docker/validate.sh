#!/usr/bin/env bash
# Lets Compose read docker-compose.yml, with the workers of both profiles, and sees that it refuses to go without secrets.
# Needs the Compose plugin or Debian's docker-compose, and no engine; ends with 3 where neither is installed.
set -euo pipefail
cd "$(dirname "$0")/../.."

if docker compose version >/dev/null 2>&1; then
  compose=(docker compose)
elif command -v docker-compose >/dev/null; then
  compose=(docker-compose)
else
  echo "Compose is missing; install Docker's plugin or: apt-get install docker-compose" >&2
  exit 3
fi

# A .env of the user must not fill the gaps.
empty=$(mktemp)
trap 'rm -f "$empty"' EXIT
mapfile -t names < <(sed -n 's/^\([A-Z_]*\)=$/\1/p' .env.example)

# config VARIABLE=VALUE… -- ARGUMENT…: the given variables on top of a value for every secret.
config() {
  local variables=()
  while [ "$1" != -- ]; do variables+=("$1"); shift; done
  env "${names[@]/%/=for-validation-only}" "${variables[@]}" "${compose[@]}" --env-file "$empty" "${@:2}" config -q
}

for profile in cpu gpu; do
  config -- --profile "$profile"
done
for name in "${names[@]}"; do
  ! config "$name=" -- 2>/dev/null || { echo "docker-compose.yml starts without $name" >&2; exit 1; }
done
echo "docker-compose.yml is understood by ${compose[*]}"
