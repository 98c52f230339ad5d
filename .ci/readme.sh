# Runs the README's commands as they are written, in order, in a fresh clone: the
# fenced blocks after a line `<!-- ci -->`. A block after `<!-- ci background -->`
# stays in the foreground of a terminal of its own: it runs beside the others, which
# wait until the stack that it starts is ready.
# shellcheck shell=bash
set -euo pipefail
source .ci/environment.sh

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

awk '
  /^<!-- ci( background)? -->$/ { marked = 1; background = /background/; next }
  marked && /^```sh$/ { inside = 1; marked = 0; if (background) print "("; next }
  marked && NF { print "README.md:" NR ": a ```sh block follows <!-- ci -->" > "/dev/stderr"; exit 1 }
  inside && /^```$/ { inside = 0; if (background) print ") & await_stack $!"; next }
  inside { print }
' README.md >"$DELFOS_CI_SCRATCH/readme-commands.sh"

if [[ ! -s $DELFOS_CI_SCRATCH/readme-commands.sh ]]; then
  echo "README.md marks no commands with <!-- ci -->" >&2
  exit 1
fi
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
PS4='$ '
export PS4
bash -x -euo pipefail "$DELFOS_CI_SCRATCH/readme-commands.sh" </dev/null
