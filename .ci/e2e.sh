# The whole stack from end to end, with the faults: kills, a crowd, broken servers.
# shellcheck shell=bash
set -euo pipefail
source .ci/environment.sh

export DELFOS_E2E_KILLS=${DELFOS_E2E_KILLS:-200}
go test -tags e2e -count 1 -timeout 20m -v ./infra/e2e/... | grep -vE '^(=== (RUN|PAUSE|CONT|NAME)|\s*$)'
