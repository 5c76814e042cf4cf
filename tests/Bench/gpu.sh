#!/usr/bin/env bash
# gpu.sh [DEVICE]: what only a card can show, within ten minutes: the fixtures on it in float32 and bfloat16, training and
# sampling steps against PyTorch there, and one run of the recipe alter. DEVICE is cuda:0 unless given; `cpu` tries the
# script itself. Tables and lines go to $OUT (default: gpu-results).
#
# With PAPER set to a number of seconds, ALTER's own length (a window of 9,400 of 29,400 steps, 64 images each) with four
# experts and with one, half of the time each. What is not done by then is interrupted; `mlops resume` goes on.
#
# TorchSharp's CUDA package is taken where it can be restored. Elsewhere the libtorch of an installed PyTorch serves.
#   FIXTURES     folder of reference fixtures; left out: that part is skipped, by name
#   BENCH_TORCH  command that starts tests/Bench/Steps/torch_steps.py with a Python that has torch and diffusers
set -uo pipefail
cd "$(dirname "$0")/../.."
device=${1:-cuda:0} out=${OUT:-gpu-results}
mkdir -p "$out"
out=$(realpath "$out")
failed=0

# step NAME COMMAND...: says how it ended, keeps what it printed, and goes on.
step() {
  local name=$1
  shift
  if "$@" >"$out/$name.txt" 2>&1; then echo "pass  $name"; else echo "FAIL  $name (see $out/$name.txt)"; failed=1; fi
}

build() { dotnet build Mlops.sln -c Release -v quiet --nologo -p:Cuda="$1"; }

if [ "$device" = cpu ]; then
  step build build false
elif build true >"$out/build.txt" 2>&1; then
  echo "pass  build (TorchSharp-cuda-linux)"
else
  step build build false
  torch=$(python3 -c 'import os, torch; print(os.path.join(os.path.dirname(torch.__file__), "lib"))') || exit 2
  echo "note  TorchSharp-cuda-linux cannot be restored here; using libtorch of $torch"
  # The CPU's libtorch lies beside each program and would come first.
  find services tests -path '*/bin/Release/*' \( -name 'libtorch*.so*' -o -name 'libc10*.so*' \) -delete
  export LD_LIBRARY_PATH=$torch${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
fi

verify="dotnet tests/Verify/bin/Release/net10.0/Mlops.Verify.dll"
bench="dotnet tests/Bench/bin/Release/net10.0/Mlops.Bench.dll"
if [ -d "${FIXTURES:-}" ]; then
  step fixtures-float32 $verify "$FIXTURES" "$device" float32
  step fixtures-bfloat16 $verify "$FIXTURES" "$device" bfloat16
else
  echo "skip  fixtures (FIXTURES names no folder)"
fi
step steps-float32 $bench steps --device "$device"
step steps-bfloat16 $bench steps --device "$device" --precision bfloat16
step alter env MLOPS_DEVICE="$device" \
  dotnet services/Cli/bin/Release/net10.0/mlops.dll run alter --home "$out/home" --out "$out/alter"
for experts in ${PAPER:+4 1}; do
  step "paper-$experts" env MLOPS_DEVICE="$device" timeout --signal=INT $((PAPER / 2)) \
    dotnet services/Cli/bin/Release/net10.0/mlops.dll run alter-from-dense --home "$out/home-$experts" \
    --out "$out/paper-$experts" --set tuned.profile=paper --set tuned.experts="$experts"
done
cat "$out"/steps-*.txt 2>/dev/null
rm -rf "$out/home"
exit $failed
