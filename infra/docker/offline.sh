#!/usr/bin/env bash
# offline.sh COMMAND...: runs a command that finds a container engine, `docker compose` in it, and an image for every one
# that our files name. No registry is asked: engine and servers are Debian's packages, .NET is that of this machine, and
# NuGet's packages are those that the last build of this checkout restored. docker-compose.yml is then read together with
# infra/docker/offline/compose.yml.
#
# Nothing is installed and nothing stays. The engine has a root file system of its own, and it runs with the command in
# namespaces of their own; their network has nothing but loopback. Of this machine the engine sees this checkout and
# $TMPDIR as the command has it.
#
# Needs root, debootstrap, Debian's mirror for some minutes, and 10 GB below $TMPDIR. Ends with 3, and the reason as the
# last line, where an engine cannot be had; offline.sh --check tells that before the long part.
set -euo pipefail

checkout=$(realpath "$(dirname "$0")/../..")
# Nearer to the servers that our files name than what older releases have.
release=trixie
runtime_packages=ca-certificates,curl,jq,libgcc-s1,libicu76,libssl3t64,libstdc++6,sqlite3,tzdata
server_packages=(ceph-mon ceph-osd nginx-light rabbitmq-server radosgw)
engine_packages=(docker-cli docker-compose docker.io iproute2 iptables)

impossible() { echo "no container engine here: $1" >&2; exit 3; }

check() {
  [ "$(id -u)" -eq 0 ] && grep -q '^ *0 *0 *4294967295$' /proc/self/uid_map || impossible "only root may start one"
  command -v debootstrap >/dev/null || impossible "debootstrap is missing: apt-get install debootstrap"
  unshare --mount --pid --net --fork true 2>/dev/null || impossible "namespaces may not be made"
  grep -q '\boverlay$' /proc/filesystems || impossible "the kernel has no overlay file system"
}

# The mirror that this machine uses, if it is Debian; debootstrap knows another one.
mirror() { apt-get indextargets --format '$(REPO_URI)' 'Origin: Debian' 2>/dev/null | grep -v security | head -n 1; }

# install ROOT PACKAGE...: no service starts.
install_in() {
  local root=$1
  shift
  mount -t proc proc "$root/proc"
  DEBIAN_FRONTEND=noninteractive chroot "$root" apt-get install -y -qq --no-install-recommends "$@" \
    </dev/null >>"$work/roots.log" 2>&1 || { tail -n 20 "$work/roots.log" >&2; exit 1; }
  umount "$root/proc"
}

# The folders in NuGet's cache of the packages that the projects of the images use.
restored_packages() {
  jq -r '.libraries[] | select(.type == "package").path' \
    "$checkout"/{services,shared}/*/obj/project.assets.json "$checkout"/infra/torch/obj/project.assets.json | sort -u
}

# Four root file systems: what images of .NET have, the same with the SDK, the servers, and the engine.
make_roots() {
  local dotnet cache
  dotnet=$(dirname "$(realpath "$(command -v dotnet)")")
  debootstrap --variant=minbase --include="$runtime_packages" "$release" "$work/runtime" $(mirror) \
    >"$work/roots.log" 2>&1 || impossible "$(tail -n 1 "$work/roots.log")"
  printf '#!/bin/sh\nexit 101\n' >"$work/runtime/usr/sbin/policy-rc.d"
  chmod +x "$work/runtime/usr/sbin/policy-rc.d"
  cp -a "$work/runtime" "$work/servers"
  cp -a "$work/runtime" "$work/engine"
  install_in "$work/servers" "${server_packages[@]}"
  install_in "$work/engine" "${engine_packages[@]}"

  # Without sources, apt finds nothing missing and nothing to ask.
  rm -rf "$work"/runtime/etc/apt/sources.list* "$work"/runtime/var/lib/apt/lists/*
  mkdir -p "$work/runtime/usr/share/dotnet"
  cp -a "$dotnet"/{dotnet,host,shared} "$work/runtime/usr/share/dotnet"
  ln -s ../share/dotnet/dotnet "$work/runtime/usr/bin/dotnet"
  cp -a "$work/runtime" "$work/sdk"
  cp -a "$dotnet" "$work/sdk/usr/share"
  mkdir -p "$work/sdk/opt/nuget" "$work/sdk/root/.nuget/NuGet"
  cache=$(dotnet nuget locals global-packages --list)
  restored_packages | tar -C "${cache#*: }" --exclude '*.nupkg' -c -T - | tar -C "$work/sdk/opt/nuget" -x
  echo '<configuration><packageSources><clear /></packageSources></configuration>' \
    >"$work/sdk/root/.nuget/NuGet/NuGet.Config"
}

start_engine() {
  local root=$work/engine folder
  chroot "$root" ip link set lo up
  mount --bind "$root" "$root"
  mount -t proc proc "$root/proc"
  mount -t sysfs sysfs "$root/sys"
  mount --rbind /dev "$root/dev"
  mount --rbind /sys/fs/cgroup "$root/sys/fs/cgroup"
  mount -t tmpfs tmpfs "$root/run"
  for folder in "$checkout" "$work/tmp"; do
    mkdir -p "$root$folder"
    mount --bind "$folder" "$root$folder"
  done
  # With its own root as that of its namespace: whatever enters a container by the namespaces of that would otherwise
  # find itself in the root of this machine.
  mkdir "$root/machine"
  unshare --mount sh -ec "cd '$root'; pivot_root . machine; exec chroot . sh -ec \
    'umount -l /machine; exec dockerd --log-level warn --host unix:///engine.sock --cgroup-parent /${work##*/}'" \
    >"$work/engine.log" 2>&1 &
  local engine=$!
  until docker version >/dev/null 2>&1; do
    kill -0 "$engine" 2>/dev/null || impossible "$(tail -n 1 "$work/engine.log")"
    sleep 0.2
  done
}

# import ROOT [CHANGE]: the image of a root.
import() {
  local name=$1
  shift
  tar -C "$work/$name" -c . | docker import "$@" - "mlops-offline/$name:$release" >/dev/null
}

# The namespaces are gone with all that was mounted; empty control groups are not.
clean_up() {
  rm -rf "$work"
  find /sys/fs/cgroup -depth -type d -path "*/${work##*/}*" -exec rmdir {} + 2>/dev/null || true
}

case "${1:-}" in
  "") echo "usage: offline.sh --check | COMMAND..." >&2; exit 2 ;;
  --check) check ;;
  # Process 1 of namespaces: when it ends, all in them ends.
  --roots)
    work=$2
    echo "making root file systems of Debian's packages" >&2
    make_roots
    exec unshare --net --mount "$0" --engine "${@:2}" ;;
  --engine)
    work=$2
    export PATH=$work/bin:$PATH TMPDIR=$work/tmp
    export COMPOSE_FILE=docker-compose.yml:infra/docker/offline/compose.yml MLOPS_ENGINE=offline
    echo "starting a container engine" >&2
    start_engine
    import runtime --change "ENV ASPNETCORE_HTTP_PORTS=8080 DOTNET_RUNNING_IN_CONTAINER=true"
    import sdk --change "ENV NUGET_PACKAGES=/opt/nuget"
    import servers
    rm -rf "$work"/{runtime,sdk,servers}
    "${@:3}" ;;
  *)
    check
    work=$(mktemp -d -t mlops-offline-XXXXXX)
    trap clean_up EXIT
    mkdir "$work"/{bin,tmp}
    cat >"$work/bin/docker" <<SCRIPT
#!/bin/sh
exec chroot "$work/engine" env -C "\$PWD" docker --host unix:///engine.sock "\$@"
SCRIPT
    chmod +x "$work/bin/docker"
    unshare --mount --pid --fork --kill-child --mount-proc "$0" --roots "$work" "$@" <&0 &
    trap 'pkill -KILL --parent $!; wait $!' INT TERM
    wait $! ;;
esac
