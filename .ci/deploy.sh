# `sam deploy` of what `sam build` has built, an update and a delete, against an
# emulator of AWS that others wrote: ministack, which applies the SAM transform itself
# and keeps the resources behind their own APIs.
# shellcheck shell=bash
set -euo pipefail
source .ci/environment.sh

work=$DELFOS_CI_SCRATCH/deploy
mkdir -p "$work"
emulator=

stop() {
  local status=$?
  trap - EXIT
  if [[ -n $emulator ]]; then kill -TERM "$emulator" 2>/dev/null && wait "$emulator" 2>/dev/null; fi
  exit "$status"
}
trap stop EXIT

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

start_emulator() {
  local port
  port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  GATEWAY_PORT=$port BIND_HOST=127.0.0.1 MINISTACK_HOST=localhost S3_DATA_DIR=$work/s3 \
    "$tools/ministack/bin/ministack" >"$work/emulator.log" 2>&1 &
  emulator=$!
  export AWS_ENDPOINT_URL=http://127.0.0.1:$port AWS_ACCESS_KEY_ID=any AWS_SECRET_ACCESS_KEY=any AWS_PAGER=
  for _ in $(seq 150); do
    if aws sts get-caller-identity >/dev/null 2>&1; then return; fi
    kill -0 "$emulator" 2>/dev/null || break
    sleep 0.2
  done
  cat "$work/emulator.log" >&2
  fail "the emulator does not start"
}

# is compares a resource's attribute, asked of its own service, with what it should be.
is() { # what, want, aws arguments...
  local what=$1 want=$2 got
  shift 2
  got=$(aws "$@" --output text)
  if [[ $got != "$want" ]]; then fail "$what is $got, want $want"; fi
  echo "  ok: $what is $want"
}

# resource is the physical id of one.
resource() { # stack, logical id
  aws cloudformation describe-stack-resource --stack-name "$1" --logical-resource-id "$2" \
    --query StackResourceDetail.PhysicalResourceId --output text
}

deploy() { # stack, template, Name=value...
  local stack=$1 template=$2
  shift 2
  sam deploy --template-file "$template" --stack-name "$stack" --s3-bucket artifacts --no-progressbar \
    --capabilities CAPABILITY_IAM CAPABILITY_AUTO_EXPAND --no-confirm-changeset --no-fail-on-empty-changeset \
    --parameter-overrides "$@" >"$work/deploy.log" 2>&1 || {
    cat "$work/deploy.log" >&2
    tail -n 20 "$work/emulator.log" >&2
    aws cloudformation describe-stack-events --stack-name "$stack" --output text \
      --query "StackEvents[?contains(ResourceStatus, 'FAILED')].[LogicalResourceId, ResourceStatusReason]" >&2 || true
    fail "sam deploy of $stack"
  }
}

# complete checks that a stack and all of its resources are.
complete() { # stack, status
  is "stack $1" "$2" cloudformation describe-stacks --stack-name "$1" --query 'Stacks[0].StackStatus'
  local rest part
  for part in $(aws cloudformation describe-stacks --output text --query "Stacks[?starts_with(StackName, '$1')].StackName"); do
    rest=$(aws cloudformation list-stack-resources --stack-name "$part" --output text \
      --query "StackResourceSummaries[?!contains(ResourceStatus, 'COMPLETE')].[LogicalResourceId, ResourceStatus]")
    [[ -z $rest ]] || fail "not complete: $rest"
    aws cloudformation list-stack-resources --stack-name "$part" --output text --query 'StackResourceSummaries[].[ResourceType]'
  done | sort | uniq -c
}

echo "--- sam build"
(source .ci/build-flags.sh && sam build --build-dir "$work/build") >"$work/build.log" 2>&1 || { cat "$work/build.log" >&2 && fail "sam build"; }

start_emulator
echo "--- the emulator: ministack $ministack, with CloudFormation and the SAM transform"
aws s3 mb s3://artifacts >/dev/null
# What is there before the stack: the databases' secrets.
source_secret=$(aws secretsmanager create-secret --name source --secret-string '{}' --query ARN --output text)
target_secret=$(aws secretsmanager create-secret --name target --secret-string '{}' --query ARN --output text)
given=("SourceSecretArn=$source_secret" "TargetSecretArn=$target_secret")

"$tools/ministack/bin/python" .ci/deployable.py "$work/build/template.yaml" "$work/build/deployable.yaml" 2>/dev/null

echo "--- sam deploy"
deploy delfos "$work/build/deployable.yaml" "${given[@]}"
complete delfos CREATE_COMPLETE
is "EtlFunction's runtime" provided.al2023 lambda get-function-configuration --function-name delfos-EtlFunction --query Runtime
is "EtlFunction's partitions table" "$(resource delfos PartitionsTable)" \
  lambda get-function-configuration --function-name delfos-EtlFunction --query Environment.Variables.PARTITIONS_TABLE
is "the partitions table" ACTIVE dynamodb describe-table --table-name "$(resource delfos PartitionsTable)" --query Table.TableStatus
is "the state machine" ACTIVE stepfunctions describe-state-machine --state-machine-arn "$(resource delfos BackfillStateMachine)" --query status
is "the daily tick's time zone" UTC scheduler get-schedule --name "$(resource delfos EtlFunctionDailyTick)" --query ScheduleExpressionTimezone
is "the daily tick" ENABLED scheduler get-schedule --name "$(resource delfos EtlFunctionDailyTick)" --query State
is "EtlFunction's logs, kept for days" 90 logs describe-log-groups --log-group-name-prefix /aws/lambda/delfos-EtlFunction --query 'logGroups[0].retentionInDays'
tables=$(resource delfos PartitionsTable)

echo "--- the command, which finds the stack by its name"
go build -o "$work/delfos" ./infra/delfos
mkdir "$work/elsewhere"
by_name() { (cd "$work/elsewhere" && "$work/delfos" "$@" --stack delfos); }
by_name status
by_name runs
by_name backfills
by_name schedule
by_name schedule next
by_name schedule preview 2026-03-01
by_name schedule history
by_name schedule off DailyTick
is "the daily tick" DISABLED scheduler get-schedule --name "$(resource delfos EtlFunctionDailyTick)" --query State
by_name schedule on DailyTick
is "the daily tick" ENABLED scheduler get-schedule --name "$(resource delfos EtlFunctionDailyTick)" --query State
if "$work/delfos" status --stack another >"$work/another" 2>&1; then fail "there is no stack of that name"; fi
grep 'there is no stack another' "$work/another"

echo "--- sam deploy again, with other parameters"
deploy delfos "$work/build/deployable.yaml" "${given[@]}" LogRetentionDays=30 PartitionTimeZone=America/Sao_Paulo ScheduleState=DISABLED Tick=every-minute
complete delfos UPDATE_COMPLETE
is "EtlFunction's logs, kept for days" 30 logs describe-log-groups --log-group-name-prefix /aws/lambda/delfos-EtlFunction --query 'logGroups[0].retentionInDays'
is "the daily tick" "rate(1 minute)" scheduler get-schedule --name "$(resource delfos EtlFunctionDailyTick)" --query ScheduleExpression
is "the daily tick" DISABLED scheduler get-schedule --name "$(resource delfos EtlFunctionDailyTick)" --query State
is "EtlFunction's time zone" America/Sao_Paulo lambda get-function-configuration --function-name delfos-EtlFunction --query Environment.Variables.PARTITION_TIME_ZONE
is "the partitions table, which the update has not replaced," "$tables" \
  cloudformation describe-stack-resource --stack-name delfos --logical-resource-id PartitionsTable --query StackResourceDetail.PhysicalResourceId

echo "--- delete"
# By CloudFormation itself: sam delete reads the nested templates' S3 addresses, and takes
# the emulator's for none.
aws cloudformation delete-stack --stack-name delfos
aws cloudformation wait stack-delete-complete --stack-name delfos
is "stacks that are left" 0 cloudformation describe-stacks --query 'length(Stacks)'
is "functions that are left" 0 lambda list-functions --query 'length(Functions)'
is "roles that are left" 0 iam list-roles --query "length(Roles[?starts_with(RoleName, 'delfos')])"
is "schedules that are left" 0 scheduler list-schedules --query 'length(Schedules)'
is "state machines that are left" 0 stepfunctions list-state-machines --query 'length(stateMachines)'
is "HTTP APIs that are left" 0 apigatewayv2 get-apis --query 'length(Items)'
is "the partitions table, which the template retains," ACTIVE dynamodb describe-table --table-name "$tables" --query Table.TableStatus

echo "--- sam deploy of a stack that makes its databases"
deploy made "$work/build/deployable.yaml" CreateDatabases=true DatabaseDeletionProtection=false AlarmEmail=someone@example.com
complete made CREATE_COMPLETE
aws cloudformation delete-stack --stack-name made
aws cloudformation wait stack-delete-complete --stack-name made
is "stacks that are left" 0 cloudformation describe-stacks --query 'length(Stacks)'
is "functions that are left" 0 lambda list-functions --query 'length(Functions)'
echo "!!! NOT SHOWN BY THIS EMULATOR: that the roles suffice (it checks no permission), limits and quotas, the functions at"
echo "!!! work, that a database pauses and wakes, networks, and the schedules' time zone after an update, which it does not apply."
