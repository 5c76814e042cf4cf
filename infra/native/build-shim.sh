#!/usr/bin/env bash
# Builds the C shim against another libtorch than Debian's, for example the one inside a Python package with CUDA:
#   infra/native/build-shim.sh "$(python3 -c 'import torch; print(torch.utils.cmake_prefix_path)')"
# Without an argument it takes the libtorch that CMake finds. The result lies where `dotnet build` expects it; as it is
# newer than its sources, the build then leaves it alone.
set -euo pipefail
cd "$(dirname "$0")/../../shared/Torch"

prefix=${1:-}
[ -z "$prefix" ] || [ -f "$prefix/Torch/TorchConfig.cmake" ] || {
  echo "There is no Torch/TorchConfig.cmake under $prefix; give what torch.utils.cmake_prefix_path names." >&2
  exit 2
}

cmake --fresh -S Native -B .native/obj -DCMAKE_BUILD_TYPE=Release ${prefix:+-DCMAKE_PREFIX_PATH="$prefix"} >/dev/null
cmake --build .native/obj --parallel >/dev/null
cp .native/obj/libmlops_torch.so .native/libmlops_torch.so
# libtorch's own folder is written into the shim as its search path, so no LD_LIBRARY_PATH is needed.
echo "built $(pwd)/.native/libmlops_torch.so against $(sed -n 's/^Torch_DIR:PATH=//p' .native/obj/CMakeCache.txt)"
