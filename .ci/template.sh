# The template is sound, and what it deploys can be built.
# shellcheck shell=bash
set -euo pipefail
source .ci/environment.sh

echo "cfn-lint"
cfn-lint template.yaml infra/aws/*.yaml
echo "sam validate --lint"
sam validate --lint

echo "sam build"
built=$DELFOS_CI_SCRATCH/sam-build
(source .ci/build-flags.sh && sam build --build-dir "$built")
# What a function may have: 12 MiB. The console, with its pages and the clients of seven
# services, is above it.
limit=$((12 << 20))
for bootstrap in "$built"/*/bootstrap; do
  function=$(basename "$(dirname "$bootstrap")")
  size=$(stat -c %s "$bootstrap")
  echo "$function: $((size / 1024)) KiB, $(($(gzip -c "$bootstrap" | wc -c) / 1024)) KiB packed"
  if [[ $size -gt $limit && $function != ConsoleFunction ]]; then
    echo "$function is larger than $((limit / 1024)) KiB: look with \`go tool nm -size -sort size\` for what came in" >&2
    exit 1
  fi
  go version -m "$bootstrap" | grep -q 'CGO_ENABLED=0' || { echo "$bootstrap is linked against C" >&2 && exit 1; }
done
