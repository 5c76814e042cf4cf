#!/usr/bin/env bash
# packages.sh servers|node|browser|oracles|containers: installs what the broker and the store of `make up` are made of, what a
# test needs that starts runs from another language or looks at pages, what tests compare our numbers with, or what makes the
# images of another that runs compose. Says what is missing and why before it does anything.
set -euo pipefail

servers=(
  "rabbitmq-server:the broker between the services"
  "radosgw:the S3 server of the object store (Ceph)"
  "ceph-mon:the monitor that it needs"
  "ceph-osd:the disk that it needs"
  "curl:asks both whether they are healthy"
  "jq:reads the answers of a Seq server when dashboards are imported"
)
node=()
# Node's own packages hold both; Debian's are two.
command -v node >/dev/null || node+=("nodejs:publishes a trigger that is not written in .NET")
command -v npm >/dev/null || node+=("npm:fetches the AMQP library that it uses")
browser=("chromium:shows the pages of runs and comparisons")
oracles=(
  "python3-scipy:computes Fréchet distances of its own"
  "python3-skimage:computes SSIM of its own"
  "python3-torch:runs the networks for features once more"
  "python3-torchvision:has one of them, Inception v3"
)
containers=(
  "debootstrap:makes the root file systems of a container engine and of its images"
  "jq:reads which NuGet packages the images need"
)
case "${1:-}" in
  servers) needed=("${servers[@]}") ;;
  node) needed=("${node[@]}") ;;
  browser) needed=("${browser[@]}") ;;
  oracles) needed=("${oracles[@]}") ;;
  containers) needed=("${containers[@]}") ;;
  *) echo "usage: packages.sh servers|node|browser|oracles|containers" >&2; exit 2 ;;
esac

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
# The broker's package would start a service of its own, now and at every boot; ours are started manually, on ports of ours.
service=
[ -d /run/systemd/system ] && [[ " ${missing[*]} " == *" rabbitmq-server "* ]] && service=rabbitmq-server
[ -z "$service" ] || "${root[@]}" systemctl mask --runtime --quiet "$service"
"${root[@]}" env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
[ -z "$service" ] || "${root[@]}" sh -c "systemctl unmask --runtime --quiet $service; systemctl disable --quiet $service"
