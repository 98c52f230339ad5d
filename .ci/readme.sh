# Runs the README's commands as they are written, in order, in a fresh clone: the fenced
# blocks after `<!-- ci -->`. Those after `<!-- ci docker -->` are docker.sh's.
# shellcheck shell=bash
set -euo pipefail
source .ci/environment.sh
source .ci/readme-blocks.sh

clone=$DELFOS_CI_SCRATCH/clone
git clone --quiet . "$clone"
cd "$clone"

# What a command left running ends with the stage.
stop() {
  local status=$?
  if [[ -d .delfos ]]; then go run ./infra/delfos down >/dev/null 2>&1 || true; fi
  exit "$status"
}
trap stop EXIT

# await_stack returns when the stack of process $1 is ready.
await_stack() {
  { set +x; } 2>/dev/null
  until [[ -e .delfos/stack.json ]]; do
    kill -0 "$1" || return 1
    sleep 0.2
  done
  set -x
}
export -f await_stack

readme_blocks ci >"$DELFOS_CI_SCRATCH/readme-commands.sh"
run_blocks "$DELFOS_CI_SCRATCH/readme-commands.sh"
