# The README's test command.
# shellcheck shell=bash
set -euo pipefail
source .ci/environment.sh

go test ./...
