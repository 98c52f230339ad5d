# `docker compose up` as the README has it, with both versions of compose: the image
# builds, everything comes up in order and healthy, a backfill inside equals the oracle,
# `sam local invoke` joins the network, and restarts keep the data.
# Images cannot be pulled everywhere; where they are not there, stand-ins are made.
#
#   DELFOS_CI_SKIP_DOCKER=1  lets the stage pass where Docker cannot start
# shellcheck shell=bash
set -euo pipefail
source .ci/environment.sh
source .ci/dockerd.sh
source .ci/images.sh
source .ci/readme-blocks.sh

# A daemon of our own writes no firewall rules, and those that another has left may keep
# the containers of one network from each other.
bridged=(FORWARD -m physdev --physdev-is-bridged -j ACCEPT)
passing=

let_bridged_pass() {
  if [[ -z $docker_pid ]]; then return; fi # not ours
  iptables -I "${bridged[@]}"
  passing=1
}

export COMPOSE_PROJECT_NAME=delfosci$$
compose=()

# compose runs whichever of the two is shown.
compose() { "${compose[@]}" "$@"; }

finish() {
  local status=$?
  trap - EXIT
  if [[ $status -ne 0 && ${#compose[@]} -gt 0 ]]; then compose logs --no-color --tail 40 || true; fi
  if [[ ${#compose[@]} -gt 0 ]]; then compose down --volumes --remove-orphans >/dev/null 2>&1 || true; fi
  if [[ ${#standins[@]} -gt 0 ]]; then docker image rm --force delfos "${standins[@]}" >/dev/null 2>&1 || true; fi
  if [[ -n $passing ]]; then iptables -D "${bridged[@]}" || true; fi
  docker_down
  exit "$status"
}

# await_healthy waits for the health check of the image itself.
await_healthy() {
  local container state
  container=$(compose ps -q stack)
  for _ in $(seq 240); do
    state=$(docker inspect --format '{{.State.Health.Status}}' "$container")
    if [[ $state == healthy ]]; then return; fi
    sleep 0.5
  done
  echo "the stack is $state" >&2
  docker inspect --format '{{json .State.Health}}' "$container" >&2
  return 1
}

inside() { compose exec -T stack delfos "$@"; }

# equals_oracle compares all ten days of the target with SQL straight from the source,
# through the ports that are published.
equals_oracle() {
  local test=TestTheTargetOfADeploymentEqualsTheOracle
  DELFOS_E2E_SOURCE_DSN='postgres://delfos:delfos@127.0.0.1:5433/source?sslmode=disable' \
    DELFOS_E2E_TARGET_DSN='postgres://delfos:delfos@127.0.0.1:5434/target?sslmode=disable' \
    go test -count 1 -v -run "^$test\$" ./infra/e2e | tee "$DELFOS_CI_SCRATCH/oracle" | grep -vE '^=== '
  grep -q -- "^--- PASS: $test" "$DELFOS_CI_SCRATCH/oracle" # and not that there is no such test
}

# answers asks for a page, and shows the status that it comes with.
answers() { # URL, status that is wanted
  local status
  status=$(curl --silent --show-error --max-time 20 --output /dev/null --write-out '%{http_code}' "$1")
  echo "$1: $status"
  [[ $status == "$2" ]]
}

# show_first builds, starts and uses the system.
show_first() {
  compose build
  docker image inspect delfos --format 'the image: {{.Size}} bytes, user {{.Config.User}}'
  [[ $(docker image inspect delfos --format '{{.Config.User}}') == 65532:65532 ]]
  compose up --detach
  await_healthy
  compose ps
  inside backfill --to 2026-03-01
  equals_oracle
  target_holds 2026-02-20 1152 1
  answers http://127.0.0.1:3000/ 200
  answers http://127.0.0.1:8000/docs 200
  answers http://127.0.0.1:8000/data 401
  answers http://127.0.0.1:4566/ 403 # not signed
  if command -v aws >/dev/null; then
    AWS_ACCESS_KEY_ID=any AWS_SECRET_ACCESS_KEY=any aws --endpoint-url http://127.0.0.1:4566 \
      dynamodb scan --table-name delfos-PartitionsTable --query Count
  fi
  if compose exec -T stack sh -c true >/dev/null 2>&1; then
    echo "the image has a shell" >&2
    return 1
  fi
}

# target_holds compares what the target has of a day: rows of data, and the publication.
target_holds() { # day, rows, generation
  local got
  got=$(PGPASSWORD=delfos psql --host 127.0.0.1 --port 5434 --username delfos --no-psqlrc --tuples-only --no-align --command "
    select (select count(*) from data where timestamp >= '$1 00:00Z' and timestamp < '$1 00:00Z'::timestamptz + interval '1 day'),
      (select generation from materialization where partition = '$1')" target)
  echo "the target has $got of $1 (rows|generation)"
  [[ $got == "$2|$3" ]]
}

# await_stack returns when one of those that `sam local` starts, process $1, listens.
await_stack() {
  { set +x; } 2>/dev/null
  local port
  if [[ -z ${api_listens:-} ]]; then port=8001 api_listens=1; else port=3001; fi
  until (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do
    kill -0 "$1" || return 1
    sleep 0.2
  done
  set -x
}

# show_readme runs the README's own commands against what is up; their words are those of
# the second version, `docker compose`.
show_readme() {
  local commands=$DELFOS_CI_SCRATCH/docker-commands.sh
  export -f await_stack
  # What stays in the foreground of other terminals ends with the commands.
  { echo "set -m; trap 'for job in \$(jobs -p); do kill -- -\$job; done' EXIT" && readme_blocks "ci docker"; } >"$commands"
  run_blocks "$commands"
  equals_oracle
  target_holds 2026-02-20 1152 3
  # samconfig.toml and sam.json give each function what its event files need.
  event_answers SourceApiFunction functions/sourceapi/events/data.json '"statusCode": *200'
  event_answers AuthorizeApiFunction functions/authorizeapi/events/right.json '"isAuthorized": *true'
  event_answers ConsoleFunction functions/console/events/part.json '"statusCode": *200'
  event_answers PlanBackfillFunction functions/planbackfill/events/range.json '"2026-02-22", *"2026-02-21", *"2026-02-20"'
}

# event_answers holds the answer to an event file against a pattern.
event_answers() { # function, event file, pattern
  echo "sam local invoke $1 --event $2"
  sam local invoke "$1" --event "$2" >"$DELFOS_CI_SCRATCH/answer" 2>"$DELFOS_CI_SCRATCH/answer.log"
  if grep -qE "$3" "$DELFOS_CI_SCRATCH/answer"; then return; fi
  cut -c 1-2000 "$DELFOS_CI_SCRATCH/answer" "$DELFOS_CI_SCRATCH/answer.log" >&2
  return 1
}

# show_kept starts the system anew, and finds all as it was.
show_kept() {
  compose stop
  compose up --detach
  await_healthy
  equals_oracle
  inside status --from 2026-02-20 --to 2026-03-01 | tail -1 | tee "$DELFOS_CI_SCRATCH/status"
  grep -q ' 10 materialized$' "$DELFOS_CI_SCRATCH/status"
  inside materialize --partition 2026-02-20
}

trap finish EXIT
docker_up
let_bridged_pass
standin_images

# SAM's own build, as the README has it before `sam local`; its image is not pulled.
(source .ci/build-flags.sh && sam build) >"$DELFOS_CI_SCRATCH/sam-build.log" 2>&1 || { cat "$DELFOS_CI_SCRATCH/sam-build.log" >&2 && exit 1; }
export SAM_SKIP_PULL_IMAGE=true
standin_lambda_image

# Debian's client has no compose of its own; it finds the one that install.sh has built.
if ! docker compose version >/dev/null 2>&1; then export DOCKER_CONFIG=$tools/docker; fi
for candidate in docker-compose "docker compose"; do
  read -ra compose <<<"$candidate"
  echo "=== $("${compose[@]}" version | head -1)"
  show_first
  if [[ $candidate == "docker compose" ]]; then show_readme; fi
  show_kept
  compose down --volumes --remove-orphans
done
compose=()
