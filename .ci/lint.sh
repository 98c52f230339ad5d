# Formatting, the module file, and everything that reads the code without running it.
# shellcheck shell=bash disable=SC2317 # functions are called by name
set -euo pipefail
source .ci/environment.sh

status=0
# check runs one tool, and goes on to the next whatever it says.
check() { # what, command...
  local what=$1 began=$SECONDS
  shift
  if "$@"; then
    echo "$what: clean ($((SECONDS - began)) s)"
  else
    echo "$what: FAILED" && status=1
  fi
}

formatted() {
  local unformatted
  unformatted=$(gofumpt -l .) || return 1
  if [[ -z $unformatted ]]; then return; fi
  echo "not formatted; run gofumpt -w on:"
  echo "$unformatted"
  return 1
}

# vulnerabilities lets a network without the vulnerability database pass, and says
# so; govulncheck exits with 3 where it found something.
vulnerabilities() {
  local report=$DELFOS_CI_SCRATCH/govulncheck.log code=0
  govulncheck ./... >"$report" 2>&1 || code=$?
  cat "$report"
  if [[ $code -eq 1 ]] && grep -q 'fetching vulnerabilities' "$report" &&
    grep -qiE 'no such host|dial tcp|connection refused|timeout|proxyconnect|forbidden|unreachable' "$report"; then
    echo "!!! NOT CHECKED FOR KNOWN VULNERABILITIES: the database cannot be reached from this network."
    echo "!!! Run \`govulncheck ./...\` where it can."
    return 0
  fi
  return "$code"
}

check "gofumpt" formatted
check "go mod tidy" go mod tidy -diff
check "go mod verify" go mod verify
check "go vet" go vet ./...
check "shellcheck" shellcheck --external-sources .ci/run .ci/*.sh infra/docker/standin/*.sh
check "golangci-lint" golangci-lint run --timeout 10m
# Its rules of style are golangci-lint's to check, which knows the exceptions.
check "staticcheck" staticcheck -checks 'all,-ST*,-QF*' ./...
check "govulncheck" vulnerabilities
exit "$status"
