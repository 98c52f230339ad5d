# Prints the benchmarks' figures. It does not hold them to anything: they are read
# by people, on a machine that other work may share.
# shellcheck shell=bash
set -euo pipefail
source .ci/environment.sh

readarray -t directories < <(directories_with '^func Benchmark')
if [[ ${#directories[@]} -eq 0 ]]; then
  echo "there are no benchmarks"
  exit 0
fi
go test -p 1 -run '^$' -bench . -benchtime "${DELFOS_BENCHTIME:-1s}" "${directories[@]}"
