#!/usr/bin/env bash
# exports.sh RUN ROOT: results of both families in stock diffusers: do they load, are they smaller and faster. RUN is the
# script of the reference fixtures that starts a Python with a version of diffusers, ROOT the folder that their setup.sh
# filled. That they are right is for StockDiffusersTests to say; the difference here is what the export found in memory.
set -euo pipefail
run=$(realpath "$1") root=$(realpath "$2")
cd "$(dirname "$0")/../.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export MLOPS_HOME=$folder/home OMP_NUM_THREADS=1
cp tests/Bench/exports.py "$folder"
cp -r services/Cli/Models/fashion "$folder/unet"

# A verdict says nothing of networks that nobody tuned.
mlops() {
  dotnet services/Cli/bin/Release/net10.0/mlops.dll "$@" >"$folder/log" 2>&1 || [ $? -eq 3 ] || { cat "$folder/log"; exit 1; }
}
results=()
# result NAME RECIPE...: a short run on the model that the name begins with; the UNet is the one that comes along.
result() {
  results+=("$1")
  local inputs=()
  [[ $1 != dit-* ]] || inputs=(--model "$folder/dit" --data procedural)
  mlops run "${@:2}" "${inputs[@]}" --out "$folder/$1" --set evaluation.images=2 \
    --set evaluation.steps=20 --set evaluation.timing-rounds=0 --set evaluation.loss-images=2 --set evaluation.pairs=1
}
# row ARGUMENTS...: what exports.py finds, as JSON; nothing where it fails.
row() { bash "$run" "$root" "$version" "$folder" exports.py "$@" 2>"$folder/log" | sed -n 's/^ROW //p'; }
bytes() { find "$1" -name '*.safetensors' -printf '%s\n' | paste -sd+ | bc; }

mlops train --data procedural --steps 20 --set architecture=dit --out "$folder/trained"
cp -r "$folder/trained/model" "$folder/dit"
short=(--set tuned.steps=2 --set tuned.batch-size=2)
scored=(--set scores.samples=4 --set scores.batch-size=2 --set scores.stride=100 --set scores.probes=2 --set scores.steps=6)
table=(--macs 0.5 --set table.probes=2 --set table.signs=1 --set table.check-probes=2)
result unet-layers-plain laptop-untrained --macs 0.8 --set pruned.plain-config=true
result unet-layers laptop-untrained --macs 0.65
result unet-layers-padded laptop-untrained --macs 0.65 --set pruned.format=padded
result unet-channels magnitude --macs 0.65 "${short[@]}"
result unet-routed stage-laptop --macs 0.65 "${short[@]}" "${scored[@]}"
result unet-steps forecast "${table[@]}"
result dit-blocks laptop-untrained --macs 0.65
result dit-heads obs-diff --macs 0.65
result dit-steps forecast "${table[@]}"

echo "| result | format | diffusers | difference in memory | weights | load, plain loader's | peak MiB, plain loader's | faster |"
echo "|---|---|---|---|---|---|---|---|"
for version in 0.31.0 0.40.0; do
  for name in "${results[@]}"; do
    model=$name/model dense=${name%%-*}
    loads=$(row load "$model" || true)
    [ -n "$loads" ] || { echo "| $name | | $version | does not load: $(tail -n 1 "$folder/log") | | | | |"; continue; }
    jq -rn --argjson loads "$loads" --argjson plain "$(row load "$dense")" --argjson times "$(row time "$dense" "$model")" \
      --slurpfile export "$folder/$model/export.json" --arg name "$name" --arg version "$version" \
      --argjson share "$(bc -l <<<"$(bytes "$folder/$model") / $(bytes "$folder/$dense")")" '
      def digits(n): . * n | round / n;
      "| `\($name)` | \($export[0].format) | \($version) | \($export[0].largest_difference * 1e8 | round / 1e8) | \($share | digits(100)) | "
      + "\($loads.seconds | digits(100)) s, \($plain.seconds | digits(100)) s | \($loads.memory | digits(10)), "
      + "\($plain.memory | digits(10)) | \($times.faster | digits(100)) x |"'
  done
done
