#!/usr/bin/env bash
# Renders base and gpu and holds every object against the published schemas of Kubernetes and KEDA: values, and names
# that no schema knows. Needs kubectl and node; fetches the schemas with npm, and no cluster is asked.
set -euo pipefail
cd "$(dirname "$0")/../.."
for tool in kubectl node npm; do
  command -v "$tool" >/dev/null || { echo "$tool is missing; install it and try again" >&2; exit 2; }
done

work=$(realpath -m "${MLOPS_LOCAL:-.local}")/schemas
mkdir -p "$work"
cp infra/k8s/validate.mjs "$work/"
cd infra/k8s
for overlay in base gpu; do
  kubectl kustomize "$overlay" -o "$work/$overlay.yaml"
done
cp base/secrets.example.yaml "$work/secrets.yaml"

cd "$work"
echo '{"private":true,"type":"module"}' >package.json
# The models are generated from Kubernetes' and KEDA's own OpenAPI definitions.
npm install --silent --no-audit --no-fund --ignore-scripts \
  kubernetes-models@5.1.0 @kubernetes-models/keda@2.0.0 js-yaml@4.1.0 typescript@5.9.3
node validate.mjs base.yaml gpu.yaml secrets.yaml
