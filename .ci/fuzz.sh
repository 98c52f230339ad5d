# Each fuzz target for a little while, two at a time.
# shellcheck shell=bash disable=SC2016 # the inner shell expands its own arguments
set -euo pipefail
source .ci/environment.sh

export fuzztime=${DELFOS_FUZZTIME:-10s}

# fuzz prints a target's output in one piece; where it found something, go test has
# put the input into the package's testdata and says how to run it again.
fuzz() { # directory, target
  local log status=0
  log=$(mktemp "$DELFOS_CI_SCRATCH/fuzz-XXXXXX")
  for _ in 1 2 3; do
    status=0
    go test -run '^$' -fuzz "^$2\$" -fuzztime "$fuzztime" -parallel 1 "$1" >"$log" 2>&1 || status=$?
    # Now and then go test takes the end of its own time for a failure, without an
    # input that fails (golang/go issue 75804, mended in Go 1.27). That says nothing,
    # and so again.
    if grep -q 'Failing input' "$log" || ! grep -q 'context deadline exceeded' "$log"; then break; fi
  done
  echo "$1 $2"
  if [[ $status -eq 0 ]]; then tail -n 2 "$log"; else cat "$log"; fi
  return "$status"
}
export -f fuzz

targets() {
  local directory target
  for directory in $(directories_with '^func Fuzz'); do
    for target in $(go test -list '^Fuzz' "$directory" | grep '^Fuzz'); do
      printf '%s %s\n' "$directory" "$target"
    done
  done
}

found=$(targets)
echo "$(wc -l <<<"$found") targets, $fuzztime each"
xargs -P 2 -L 1 bash -c 'fuzz "$0" "$1"' <<<"$found"
