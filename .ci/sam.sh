# The real SAM CLI builds the functions and runs them in Docker, against a stack of
# this machine for databases, DynamoDB and the source API: `sam local invoke` with every
# event file, `sam local start-api` and `sam local start-lambda`. What came of each is
# looked for in the target database.
# shellcheck shell=bash
set -euo pipefail
source .ci/environment.sh
source .ci/dockerd.sh

work=$DELFOS_CI_SCRATCH/sam
mkdir -p "$work"
background=() network=

stop() {
  local status=$?
  trap - EXIT
  for pid in "${background[@]}"; do kill -TERM "$pid" 2>/dev/null || true; done
  for pid in "${background[@]}"; do wait "$pid" 2>/dev/null || true; done
  if [[ -d $work/stack ]]; then "$work/delfos" down --data-dir "$work/stack" >/dev/null 2>&1 || true; fi
  if [[ -n $network ]]; then docker network rm "$network" >/dev/null 2>&1 || true; fi
  docker_down
  exit "$status"
}
trap stop EXIT

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

# expect holds a file, shown where it is wrong, against a Python expression on `a`,
# its JSON.
expect() { # what, file, expression
  if python3 -c 'import base64, gzip, json, sys; a = json.load(open(sys.argv[1])); sys.exit(not eval(sys.argv[2]))' "$2" "$3"; then
    echo "  ok: $1"
  else
    cut -c 1-2000 "$2" >&2
    fail "$1: want $3"
  fi
}

# target_holds compares what the target has of a day: rows of data, and the publication.
target_holds() { # day, rows, generation
  local got
  got=$(psql --no-psqlrc --tuples-only --no-align --command "
    select (select count(*) from data where timestamp >= '$1 00:00Z' and timestamp < '$1 00:00Z'::timestamptz + interval '1 day'),
      coalesce((select generation from materialization where partition = '$1'), 0)" "$target_dsn")
  if [[ $got != "$2|$3" ]]; then fail "the target has $got of $1 (rows|generation), want $2|$3"; fi
  echo "  ok: the target has $2 rows of $1, generation $3"
}

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# await_port waits for process $2 to listen, and shows its log where it does not.
await_port() { # port, pid, log
  for _ in $(seq 300); do
    if (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; then return; fi
    kill -0 "$2" 2>/dev/null || break
    sleep 0.2
  done
  cat "$3" >&2
  fail "nothing listens on port $1"
}

echo "--- sam validate --lint"
sam validate --lint

echo "--- sam build"
(source .ci/build-flags.sh && sam build --build-dir "$work/build") 2>&1 | grep -E 'Succeeded|rror' || fail "sam build"

docker_up
standin_lambda_image
# samconfig.toml has the functions join the network of `docker compose up`.
if ! docker network inspect delfos >/dev/null 2>&1; then
  docker network create delfos >/dev/null
  network=delfos
fi

echo "--- a stack for the functions to work with"
go build -o "$work/delfos" ./infra/delfos
"$work/delfos" up --detach --parameter MigrateDatabases=true --parameter SourceApiAuthorizer=lambda --data-dir "$work/stack" --api-port 0 --aws-port 0 --console-port 0
stack() { python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$work/stack/stack.json" "$1"; }
target_dsn=$(stack target_dsn)
aws_endpoint=$(stack aws_endpoint_url)
export AWS_PAGER=

# The containers' localhost leads here too (--add-host), by way of the bridge.
python3 - "$work" <<'PYTHON'
import json, re, sys
work = sys.argv[1]
stack = json.load(open(f"{work}/stack/stack.json"))
here = lambda url: url.replace("127.0.0.1", "localhost")
functions = stack["functions"]
variables = {
    "AWS_ENDPOINT_URL": here(stack["aws_endpoint_url"]),
    "API_TOKEN": stack["api_token"], "SOURCE_API_URL": here(stack["api_url"]),
    "SOURCE_DSN": here(stack["source_dsn"]), "TARGET_DSN": here(stack["target_dsn"]),
    "PARTITIONS_TABLE": stack["partitions_table"], "RUNS_TABLE": stack["runs_table"],
    "BACKFILLS_TABLE": stack["backfills_table"],
    "ETL_FUNCTION": functions["EtlFunction"], "PLANNER_FUNCTION": functions["PlanBackfillFunction"],
    "STATE_MACHINE_ARN": stack["state_machine_arn"], "CONSOLE_SIGN_IN": "none",
    "DEAD_LETTER_QUEUE_URL": here(stack["aws_endpoint_url"]) + "/000000000000/delfos-dead-letters",
}
# The token of the source API's event files.
own = {name: {"API_TOKEN": "local-token"} for name in ("SourceApiFunction", "AuthorizeApiFunction")}
json.dump({"Parameters": variables, **own}, open(f"{work}/variables.json", "w"))
ports = {re.search(r":(\d+)", url.split("@")[-1]).group(1)
         for url in (stack["aws_endpoint_url"], stack["api_url"], stack["source_dsn"])}
open(f"{work}/ports", "w").write(" ".join(ports) + "\n")
PYTHON
read -ra ports <"$work/ports"
python3 .ci/forward.py "$docker_gateway" "${ports[@]}" >"$work/forward.log" 2>&1 &
background+=($!)
for _ in $(seq 50); do if [[ -s $work/forward.log ]]; then break; fi && sleep 0.1; done
grep -qx forwarding "$work/forward.log" || { cat "$work/forward.log" >&2 && fail "the ports cannot be forwarded"; }

local_options=(--template "$work/build/template.yaml" --skip-pull-image --env-vars "$work/variables.json"
  --add-host "localhost:$docker_gateway")

# invoke runs a function with an event file as `sam local invoke` does, into $work/answer.
invoked=()
invoke() { # function, event file
  echo "--- sam local invoke $1 --event $2"
  sam local invoke "$1" --event "$2" "${local_options[@]}" >"$work/answer" 2>"$work/log" ||
    { cat "$work/log" "$work/answer" >&2 && fail "sam local invoke $1"; }
  grep -hoE 'REPORT .*' "$work/log" || true
  invoked+=("$2")
}

invoke SourceApiFunction functions/sourceapi/events/data.json
expect "a day of 1-minute samples" "$work/answer" 'a["statusCode"] == 200 and len(json.loads(a["body"])) == 1440'
invoke SourceApiFunction functions/sourceapi/events/docs.json
expect "the documentation" "$work/answer" 'a["statusCode"] == 200 and "text/html" in a["headers"]["Content-Type"]'

invoke AuthorizeApiFunction functions/authorizeapi/events/right.json
expect "the token is let through" "$work/answer" 'a == {"isAuthorized": True}'
invoke AuthorizeApiFunction functions/authorizeapi/events/wrong.json
expect "another is turned away" "$work/answer" 'a == {"isAuthorized": False}'

# MigrateFunction is in the template where the stack migrates its databases.
invoke MigrateFunction functions/migrate/events/create.json
expect "schemas that are there are left as they are" "$work/answer" 'a["migrated"] == {"source": 0, "target": 0}'
invoke MigrateFunction functions/migrate/events/delete.json
expect "a stack that goes leaves the databases alone" "$work/answer" 'not a["samples"]'

invoke PlanBackfillFunction functions/planbackfill/events/missing.json
expect "all ten days and more are missing" "$work/answer" 'a["partitions"][:2] == ["2026-02-20", "2026-02-21"]'
invoke PlanBackfillFunction functions/planbackfill/events/range.json
expect "three days, newest first" "$work/answer" 'a["partitions"] == ["2026-02-22", "2026-02-21", "2026-02-20"]'
target_holds 2026-02-20 0 0

invoke EtlFunction functions/etl/events/partition.json
expect "a day is published" "$work/answer" 'a["rows_written"] == 1152'
target_holds 2026-02-20 1152 1
invoke EtlFunction functions/etl/events/scheduled.json
expect "the tick's day is published again" "$work/answer" 'a["partition"] == "2026-02-20" and a["generation"] == 2'
target_holds 2026-02-20 1152 2
# recorded compares the status that is recorded of the event files' backfill.
recorded() { # status
  AWS_ACCESS_KEY_ID=any AWS_SECRET_ACCESS_KEY=any aws --endpoint-url "$aws_endpoint" dynamodb get-item --table-name "$(stack backfills_table)" \
    --key '{"asset": {"S": "turbine-1"}, "backfill_id": {"S": "trying-out"}}' --output json >"$work/answer"
  expect "the backfill is recorded as $1" "$work/answer" "a['Item']['state']['S'] == '$1'"
}

invoke TrackBackfillFunction functions/trackbackfill/events/running.json
recorded running
invoke EtlFunction functions/etl/events/backfill.json
expect "a backfill's day is published" "$work/answer" 'a["partition"] == "2026-02-21"'
target_holds 2026-02-21 1152 1

invoke ReportBackfillFunction functions/reportbackfill/events/report.json
expect "the backfill's days are there" "$work/answer" 'a["counts"]["materialized"] == 2 and not a["failed"]'

invoke TrackBackfillFunction functions/trackbackfill/events/aborted.json
recorded cancelled
invoke EtlFunction functions/etl/events/backfill.json
expect "a stopped backfill runs nothing more" "$work/answer" 'a["errorType"] == "BackfillStopped"'
target_holds 2026-02-21 1152 1

invoke ConsoleFunction functions/console/events/overview.json
expect "the console's first page" "$work/answer" 'a["statusCode"] == 200 and b"turbine-1" in gzip.decompress(base64.b64decode(a["body"]))'
invoke ConsoleFunction functions/console/events/part.json
expect "the part of it that moves" "$work/answer" 'a["statusCode"] == 200'

for event in functions/*/events/*.json; do
  if [[ " ${invoked[*]} " != *" $event "* ]]; then fail "$event was invoked nowhere: add it to .ci/sam.sh"; fi
done
for function in functions/*/; do
  compgen -G "${function}events/*.json" >/dev/null || fail "$function has no event file"
done

echo "--- sam local start-api"
port=$(free_port)
sam local start-api --port "$port" "${local_options[@]}" >"$work/api.log" 2>&1 &
background+=($!)
await_port "$port" $! "$work/api.log"
curl --fail --silent --show-error --max-time 60 --output "$work/docs.html" "http://127.0.0.1:$port/docs" ||
  { cat "$work/api.log" >&2 && fail "/docs does not answer"; }
grep -qi '<html' "$work/docs.html" || fail "/docs is no page"
echo "  ok: /docs, $(wc -c <"$work/docs.html") bytes"
data="http://127.0.0.1:$port/data?start=2026-02-20&end=2026-02-21&variables=wind_speed&variables=power"
code=$(curl --silent --max-time 60 --output "$work/answer" --write-out '%{http_code}' "$data")
[[ $code == 401 ]] || fail "/data without a token answers $code, want 401"
echo "  ok: /data without a token, 401"
curl --fail --silent --show-error --max-time 60 --header 'Authorization: Bearer local-token' --output "$work/answer" "$data" ||
  { cat "$work/api.log" >&2 && fail "/data does not answer"; }
expect "/data with the token, a day of samples" "$work/answer" 'len(a) == 1440 and set(a[0]) == {"timestamp", "wind_speed", "power"}'
target_holds 2026-02-20 1152 2

echo "--- sam local start-lambda"
port=$(free_port)
sam local start-lambda --port "$port" "${local_options[@]}" >"$work/lambda.log" 2>&1 &
background+=($!)
await_port "$port" $! "$work/lambda.log"
echo '{"partition": "2026-02-22"}' >"$work/event.json"
AWS_ACCESS_KEY_ID=any AWS_SECRET_ACCESS_KEY=any aws --endpoint-url "http://127.0.0.1:$port" lambda invoke \
  --function-name EtlFunction --payload "fileb://$work/event.json" "$work/answer" >"$work/invoked" ||
  { cat "$work/lambda.log" >&2 && fail "aws lambda invoke"; }
expect "aws lambda invoke" "$work/answer" 'a["partition"] == "2026-02-22"'
target_holds 2026-02-22 1152 1

echo "--- cold start, size and memory of each function, as processes of this machine"
# What Lambda's stand-in reports of the first run of each, by its function's event file.
measure() { # logical id, function's name
  local directory=functions/${1%Function}
  local event=("${directory,,}"/events/*.json)
  aws lambda invoke --function-name "$2" --payload "fileb://${event[0]}" "$work/answer" >/dev/null
  aws logs filter-log-events --log-group-name "/aws/lambda/$2" --output json >"$work/events.json"
  python3 - "$1" "$work" <<'PYTHON'
import gzip, json, os, sys
name, work = sys.argv[1:]
reports = [json.loads(event["message"]) for event in json.load(open(f"{work}/events.json"))["events"]
           if '"platform.report"' in event["message"]]
metrics = [report["record"]["metrics"] for report in reports]
program = f"{work}/build/{name}/bootstrap"
packed = len(gzip.compress(open(program, "rb").read()))
print(f"{name:24} start {max(m.get('initDurationMs', 0) for m in metrics):7.1f} ms   "
      f"memory {max(m.get('maxMemoryUsedMB', 0) for m in metrics):4} MB   "
      f"program {os.path.getsize(program) / 2**20:5.1f} MiB, {packed / 2**20:4.1f} MiB packed")
PYTHON
}
export AWS_ACCESS_KEY_ID=any AWS_SECRET_ACCESS_KEY=any AWS_ENDPOINT_URL=$aws_endpoint
while read -r id name; do
  measure "$id" "$name"
done < <(python3 -c 'import json, sys; [print(*pair) for pair in json.load(open(sys.argv[1]))["functions"].items()]' "$work/stack/stack.json")
