# The same tests under the race detector, and in random order; but for the browser's,
# whose pages come from processes that have no detector.
# shellcheck shell=bash
set -euo pipefail
source .ci/environment.sh

go list ./... | grep -v /infra/e2e/browser | xargs go test -race -shuffle on
