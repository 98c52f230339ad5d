# The whole stack from end to end, as in `go test ./...`, with many more kills and days.
# shellcheck shell=bash
set -euo pipefail
source .ci/environment.sh

export DELFOS_KILLS=${DELFOS_KILLS:-200}
export DELFOS_BACKFILL_KILLS=${DELFOS_BACKFILL_KILLS:-100}
export DELFOS_BACKFILL_DAYS=${DELFOS_BACKFILL_DAYS:-3653}
go test -count 1 -timeout 28m -v ./infra/e2e | grep -vE '^(=== (RUN|PAUSE|CONT|NAME)|\s*$)'
