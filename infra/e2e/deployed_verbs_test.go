package e2e

import (
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/aws/aws-sdk-go-v2/service/scheduler/types"
	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"delfos/shared/awsconfig"
	"delfos/shared/etl"
	"delfos/shared/status"
)

func TestEveryVerbWorksOnAStackThatIsKnownByItsNameAlone(t *testing.T) {
	t.Parallel()
	d := newDeployed(t, "--seed-days", "3")
	needs, tried := needed{}, map[string]bool{}
	verb := func(name, flags string, code int, wanted ...string) result {
		t.Helper()
		r := d.says(t, code, strings.TrimSpace(name+" "+flags), wanted...)
		needs.add(name, d.calls())
		tried[strings.TrimSuffix(name, " --dry-run")] = true
		return r
	}

	verb("health", "", 0, "Healthy.")
	m := answerOf[etl.Materialization](t, d, "materialize --partition 2026-02-20")
	if m.RowsWritten != 1152 || m.Generation != 1 {
		t.Errorf("materialize answered %+v", m)
	}
	verb("materialize", "--partition 2026-02-20", 0, "materialized 2026-02-20", "generation 2")
	verb("materialize", "--partition 2026-03-05", 1, "EmptyPartition")
	verb("status", "--to 2026-02-21", 0, "2 partitions, 2026-02-20 to 2026-02-21: 1 materialized, 1 missing")
	verb("runs", "--partition 2026-02-20", 0, m.RunID)
	verb("logs", m.RunID, 0, "platform.start", "published")
	verb("logs", "01ARZ3NDEKTSV4RRFFQ69G5FAV", 1, "not recorded")

	verb("backfill --dry-run", "--to 2026-02-22", 0, "2 days to run, 1 left out", "Nothing was started")
	verb("backfill", "--to 2026-02-22 --name first", 0, "Backfill first succeeded", "2 of 2 materialized")
	verb("backfill", "--to 2026-02-23 --name late", 1, "EmptyPartition", "`delfos retry late --stack delfos`")
	verb("backfills", "", 0, "first", "late")
	verb("backfills", "late", 0, "ExecutionFailed", "`delfos retry late --stack delfos`")
	verb("backfills", "no-such", 1, "`delfos backfills --stack delfos` lists them")
	verb("runs", "--backfill late", 0, "2026-02-23")
	fillSource(t, d.stack, "2026-02-23", 1)
	verb("retry", "late", 0, "1 of 1 materialized")
	d.cancels(t, verb)

	verb("schedule", "", 0, "DailyTick", "Sweep")
	verb("schedule next", "tick", 0, "01:00:00Z")
	verb("schedule off", "tick", 0, "is off")
	verb("schedule on", "tick", 0, "is on; its next tick is")
	verb("schedule preview", "2026-02-21", 0, "runs 2026-02-20, which is materialized", "select missing")
	verb("schedule history", "", 0, "no ticks are known")
	d.ticks(t)
	if r := verb("schedule", "", 0, "weekly"); strings.Contains(r.stdout, "others") {
		t.Errorf("somebody else's schedule is among the stack's:\n%s", r.stdout)
	}
	text := ""
	for deadline := time.Now().Add(time.Minute); !strings.Contains(text, "succeeded") && time.Now().Before(deadline); {
		text = d.run(t, "schedule", "history", "weekly").stdout
	}
	verb("schedule history", "", 0, "backfill of-the-week", "of 2026-02-21", "succeeded")

	for _, name := range d.verbs(t) {
		if !tried[name] && !slices.Contains([]string{"up", "build", "down"}, name) {
			t.Errorf("nobody has tried delfos %s --stack", name)
		}
	}
	needs.check(t)
}

// verbs are those that the help lists.
func (d *deployed) verbs(t *testing.T) []string {
	t.Helper()
	var names []string
	for _, found := range verbLine.FindAllStringSubmatch(d.says(t, 0, "help").stdout, -1) {
		names = append(names, found[1])
	}
	if len(names) < 15 {
		t.Errorf("the help has the verbs %q", names)
	}
	return names
}

var verbLine = regexp.MustCompile(`(?m)^  ([a-z]+(?: [a-z]+)?)(?:  |$)`)

// cancels stops a backfill that is held up, watched by somebody who goes away.
func (d *deployed) cancels(t *testing.T, verb func(name, flags string, code int, wanted ...string) result) {
	t.Helper()
	fillSource(t, d.stack, "2026-02-24", 2)
	release := holdInTarget(t, d.stack, "2026-02-24")
	command, _, stderr := d.start(t.Context(), t, "backfill", "--from", "2026-02-24", "--to", "2026-02-25", "--name", "held", "--stack", "delfos")
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	d.await(t, "2026-02-24", status.AttemptRunning)
	if err := command.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	_ = command.Wait() // its code is looked at
	if code := command.ProcessState.ExitCode(); code != 130 || !strings.Contains(stderr.String(), "`delfos cancel held --stack delfos`") {
		t.Errorf("after Ctrl-C: exit %d, %s", code, stderr)
	}
	verb("cancel", "held --reason enough", 0, "cancelled while running", "`delfos retry held --stack delfos`")
	release()
	verb("retry", "held", 0, "2 of 2 materialized")
}

// ticks has the schedules do what they would do at night: one runs a day, and one
// starts a backfill. A third is somebody else's.
func (d *deployed) ticks(t *testing.T) {
	t.Helper()
	config := aws.Config{
		Region: d.stack.Region, BaseEndpoint: &d.stack.AWSEndpointURL, HTTPClient: awsconfig.HTTPClient(),
		Credentials: credentials.NewStaticCredentialsProvider("any", "any", ""),
	}
	etlName, machine := d.stack.Functions["EtlFunction"], d.stack.StateMachineARN
	ran, err := lambda.NewFromConfig(config).Invoke(t.Context(), &lambda.InvokeInput{
		FunctionName: &etlName, Payload: []byte(`{"scheduled_time": "2026-02-22T01:00:00Z"}`),
	})
	if err != nil || ran.FunctionError != nil {
		t.Fatalf("the tick: %v, %s", err, ran.Payload)
	}
	function := strings.TrimSuffix(strings.Replace(machine, ":states:", ":lambda:", 1), "stateMachine:delfos-backfill") + "function:"
	for name, target := range map[string]string{"weekly": machine, "others": function + d.stack.Functions["PlanBackfillFunction"]} {
		_, err := scheduler.NewFromConfig(config).CreateSchedule(t.Context(), &scheduler.CreateScheduleInput{
			Name: &name, ScheduleExpression: aws.String("cron(0 5 ? * MON *)"),
			FlexibleTimeWindow: &types.FlexibleTimeWindow{Mode: types.FlexibleTimeWindowModeOff},
			Target:             &types.Target{Arn: &target, RoleArn: aws.String("arn:aws:iam::000000000000:role/any"), Input: aws.String(`{"to": "2026-02-20", "reason": "weekly"}`)},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	_, err = sfn.NewFromConfig(config).StartExecution(t.Context(), &sfn.StartExecutionInput{
		StateMachineArn: &machine, Name: aws.String("of-the-week"), Input: aws.String(`{"reason":"weekly","to":"2026-02-20"}`),
	})
	if err != nil {
		t.Fatal(err)
	}
}

// await waits for a day's attempt to stand so.
func (d *deployed) await(t *testing.T, key string, want status.AttemptState) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); ; {
		days := answerOf[[]status.Partition](t, d, "status --from "+key+" --to "+key)
		if days[0].Attempt == want {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s is %+v; want an attempt that is %s", key, days[0], want)
		}
	}
}
