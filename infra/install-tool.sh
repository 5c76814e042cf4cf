#!/usr/bin/env bash
# Packs the command line and installs it as a dotnet tool of this user.
set -euo pipefail
cd "$(dirname "$0")/.."
feed=$(mktemp -d)
trap 'rm -rf "$feed"' EXIT
dotnet pack services/Cli -c Release -v quiet --nologo -o "$feed"
dotnet tool uninstall --global mlops >/dev/null 2>&1 || true
dotnet tool install --global mlops --source "$feed"
echo "mlops is in ~/.dotnet/tools; try: mlops recipes"
