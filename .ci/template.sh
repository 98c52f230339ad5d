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
# What a function may have, in bytes. The console is above it, with html/template, the
# clients of seven services and PostgreSQL's: it may not grow.
most=12000000 most_console=20000000
for bootstrap in "$built"/*/bootstrap; do
  function=$(basename "$(dirname "$bootstrap")")
  size=$(stat -c %s "$bootstrap")
  limit=$most
  if [[ $function == ConsoleFunction ]]; then limit=$most_console; fi
  echo "$function: $((size / 1000)) kB of $((limit / 1000)), $(($(gzip -c "$bootstrap" | wc -c) / 1000)) kB packed"
  if [[ $size -gt $limit ]]; then
    echo "$function is too large: look with \`go tool nm -size -sort size\` for what came in" >&2
    exit 1
  fi
  go version -m "$bootstrap" | grep -q 'CGO_ENABLED=0' || { echo "$bootstrap is linked against C" >&2 && exit 1; }
done
