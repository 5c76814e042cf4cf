#!/usr/bin/env bash
# Prunes the model of clothes that comes with mlops, on the images it was trained on: Fashion-MNIST, a package of Debian
# and Ubuntu. Where neither root nor that package is to be had, a model is trained on drawn figures first.
set -uo pipefail
mlops="dotnet $(dirname "$0")/../services/Cli/bin/Release/net10.0/mlops.dll"
package=dataset-fashion-mnist images=/usr/share/datasets/fashion-mnist

root=()
[ "$(id -u)" -eq 0 ] || root=(sudo -n)
install() { "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$package" >/dev/null 2>&1; }

if [ ! -d "$images" ] && command -v apt-get >/dev/null && "${root[@]}" true 2>/dev/null; then
  echo "installing $package (31 MB, MIT): 70,000 pictures of clothes"
  install || { "${root[@]}" apt-get update -qq >/dev/null 2>&1; install; }
fi
if [ -d "$images" ]; then
  exec $mlops run alter
fi
echo "note: $package is not here and cannot be installed; training a model on drawn figures first"
exec $mlops run alter --data procedural
