# The template is sound, and what it deploys can be built, for both processors.
# shellcheck shell=bash
set -euo pipefail
source .ci/environment.sh
source .ci/build-flags.sh

# What a function may have, in bytes. The console is above it, with html/template, the
# clients of seven services and PostgreSQL's: it may not grow.
most=12000000 most_console=20000000

# looks_right holds what was built against the limits, and against what it is built for.
looks_right() { # directory, GOARCH
  local bootstrap function size limit
  for bootstrap in "$1"/*/bootstrap; do
    function=$(basename "$(dirname "$bootstrap")")
    size=$(stat -c %s "$bootstrap")
    limit=$most
    if [[ $function == ConsoleFunction ]]; then limit=$most_console; fi
    echo "$function, $2: $((size / 1000)) kB of $((limit / 1000)), $(($(gzip -c "$bootstrap" | wc -c) / 1000)) kB packed"
    if [[ $size -gt $limit ]]; then
      echo "$function is too large: look with \`go tool nm -size -sort size\` for what came in" >&2
      return 1
    fi
    if ! go version -m "$bootstrap" | grep -q 'CGO_ENABLED=0'; then echo "$bootstrap is linked against C" >&2 && return 1; fi
    if ! go version -m "$bootstrap" | grep -q "GOARCH=$2"; then echo "$bootstrap is not for $2" >&2 && return 1; fi
  done
}

echo "cfn-lint"
cfn-lint template.yaml infra/aws/*.yaml
echo "sam validate --lint"
sam validate --lint

echo "sam build"
sam build --build-dir "$DELFOS_CI_SCRATCH/sam-build"
looks_right "$DELFOS_CI_SCRATCH/sam-build" amd64
echo "sam build --parameter-overrides Architecture=arm64"
sam build --build-dir "$DELFOS_CI_SCRATCH/sam-build-arm64" --parameter-overrides Architecture=arm64
looks_right "$DELFOS_CI_SCRATCH/sam-build-arm64" arm64
