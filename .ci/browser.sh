# The console in a real Chromium: what `go test ./...` does of it, and pictures of every
# page, which are left in DELFOS_SCREENSHOTS, and axe-core on each.
# shellcheck shell=bash
set -euo pipefail
source .ci/environment.sh

export DELFOS_BROWSER=required DELFOS_AXE
export DELFOS_SCREENSHOTS=${DELFOS_SCREENSHOTS:-$DELFOS_CI_TOOLS/screenshots}
rm -rf "${DELFOS_SCREENSHOTS:?}"
go test -count 1 -timeout 9m -v ./infra/e2e/browser | grep -vE '^(=== (RUN|PAUSE|CONT|NAME)|\s*$)'
echo "$(find "$DELFOS_SCREENSHOTS" -name '*.png' | wc -l) pictures are in $DELFOS_SCREENSHOTS"
