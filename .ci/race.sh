# The same tests under the race detector, and in random order.
# shellcheck shell=bash
set -euo pipefail
source .ci/environment.sh

go test -race -shuffle on ./...
