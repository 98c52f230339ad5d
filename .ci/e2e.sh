# The whole stack from end to end, as in `go test ./...`, with many more kills.
# shellcheck shell=bash
set -euo pipefail
source .ci/environment.sh

export DELFOS_KILLS=${DELFOS_KILLS:-200}
go test -count 1 -timeout 20m -v ./infra/e2e/... | grep -vE '^(=== (RUN|PAUSE|CONT|NAME)|\s*$)'
