#!/usr/bin/env bash
# Installs what the build needs from Debian: says what is missing and why before it does anything.
set -euo pipefail

needed=(
  "libtorch-dev:the tensor library (libtorch 1.13) that all models run on"
  "libopenblas0-openmp:fast matrix products for libtorch; the reference BLAS is many times slower"
  "g++:compiles the small C shim between .NET and libtorch"
  "cmake:drives that compilation"
  "libsqlite3-0:keeps the history of runs"
)

if ! command -v dotnet >/dev/null; then
  echo "The .NET 10 SDK is missing; install it from https://dotnet.microsoft.com/download and try again." >&2
  exit 2
fi

missing=()
for line in "${needed[@]}"; do
  name=${line%%:*}
  [ "$(dpkg-query -W -f='${db:Status-Status}' "$name" 2>/dev/null || true)" = installed ] && continue
  missing+=("$name")
  echo "missing: $name (${line#*:})"
done
[ ${#missing[@]} -eq 0 ] && exit 0

root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || { echo "Run as root: apt-get install ${missing[*]}" >&2; exit 2; }
  root=(sudo)
fi
echo "installing: ${missing[*]}"
"${root[@]}" apt-get update -qq
DEBIAN_FRONTEND=noninteractive "${root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
