#!/usr/bin/env bash
# A third of the MACs per image: the model of clothes that comes with mlops, judged on the images it was trained on,
# Fashion-MNIST, a package of Debian and Ubuntu. Where neither root nor that package is to be had, on its own samples.
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
[ -d "$images" ] || echo "note: $package is not here and cannot be installed; the model's own samples take its place"
exec $mlops run forecast --macs 0.35
