# The template is sound, and what it deploys can be built.
# shellcheck shell=bash
set -euo pipefail
source .ci/environment.sh

echo "cfn-lint"
cfn-lint template.yaml
echo "sam validate --lint"
sam validate --lint

echo "sam build"
built=$DELFOS_CI_SCRATCH/sam-build
# As in the README: no C library to miss on Lambda, and no symbols.
CGO_ENABLED=0 GOFLAGS="$(go env GOFLAGS) -tags=lambda.norpc -ldflags=-s" \
  sam build --build-dir "$built"
for bootstrap in "$built"/*/bootstrap; do
  size=$(stat -c %s "$bootstrap")
  echo "$(basename "$(dirname "$bootstrap")"): $((size / 1024)) KiB"
  go version -m "$bootstrap" | grep -q 'CGO_ENABLED=0' || { echo "$bootstrap is linked against C" >&2 && exit 1; }
done
