package aws_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestEveryAlarmTellsTheTopicAndSaysWhat(t *testing.T) {
	t.Parallel()
	all := load(t)
	names := map[string]bool{}
	for _, alarm := range all.some(t, "AWS::CloudWatch::Alarm") {
		if diff := cmp.Diff([]string{"${Topic}"}, texts(alarm.properties["AlarmActions"])); diff != "" {
			t.Errorf("%s (-want +got):\n%s", alarm.id, diff)
		}
		if text(alarm.properties["AlarmDescription"]) == "null" || !strings.HasPrefix(text(alarm.properties["AlarmName"]), "${ParentName}-") {
			t.Errorf("%s has no description, or a name that is not the stack's", alarm.id)
		}
		names[alarm.id] = true
	}
	for _, wanted := range []string{"FailedBackfills", "DeadLetters", "FunctionErrors", "EtlErrors", "PartitionLag", "Throttles"} {
		if !names[wanted] {
			t.Errorf("there is no alarm %s", wanted)
		}
	}
}

func TestABackfillTellsOnceByItsOwnMachineAndASweepThatWentWellNotAtAll(t *testing.T) {
	t.Parallel()
	told := false
	for _, rule := range load(t).some(t, "AWS::Events::Rule") {
		if rule.id != "BackfillEnded" {
			continue
		}
		told = true
		detail := at(rule.properties, "EventPattern", "detail").(object)
		// The exact ARN: the Map's children are executions of another, …backfill/Partitions.
		if diff := cmp.Diff([]string{"${StateMachineArn}"}, texts(detail["stateMachineArn"])); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		const want = `[{"status":["FAILED","TIMED_OUT","ABORTED"]},{"input":[{"anything-but":{"wildcard":"*\"sweep\"*"}}],"status":["SUCCEEDED"]}]`
		if diff := cmp.Diff(want, text(detail["$or"])); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		targets := objects(rule.properties["Targets"])
		if len(targets) != 1 || text(targets[0]["Arn"]) != "${Topic}" || text(at(targets[0], "DeadLetterConfig", "Arn")) != "${DeadLetterQueueArn}" {
			t.Errorf("targets %s, want the topic, and the queue for what it does not take", text(rule.properties["Targets"]))
		}
	}
	if !told {
		t.Error("there is no rule BackfillEnded")
	}
}

func TestSchedulesFollowThePartitionsTimeZoneAndKeepWhatTheyCannotDeliver(t *testing.T) {
	t.Parallel()
	schedules := load(t).some(t, "AWS::Scheduler::Schedule")
	if len(schedules) != 2 {
		t.Errorf("%d schedules, want the tick and the sweep", len(schedules))
	}
	for _, schedule := range schedules {
		schedule.holds(t, "${PartitionTimeZone}", "ScheduleExpressionTimezone")
		schedule.holds(t, "${DeadLetterQueue.Arn}", "Target", "DeadLetterConfig", "Arn")
		schedule.holds(t, "${ScheduleState}", "State")
	}
}

// A queue's metrics come up to 15 minutes late where it was idle (SQS Developer Guide,
// "Monitoring queues with CloudWatch"), a function's after its run, for the time of its
// start (Lambda Developer Guide, "Types of metrics"). An alarm that looked at the last
// period alone would not see them.
func TestAlarmsLookBackFarEnoughToSeeWhatComesLate(t *testing.T) {
	t.Parallel()
	want := map[string]string{
		"DeadLetters": "1 of 6 periods of 300 s", "FunctionErrors": "1 of 3 periods of 300 s", "Throttles": "1 of 3 periods of 300 s",
		"EtlErrors": "1 of 2 periods of 900 s", "FailedBackfills": "2 of 3 periods of 86400 s", "PartitionLag": "30 of 30 periods of 3600 s",
	}
	got := map[string]string{}
	for _, alarm := range load(t).some(t, "AWS::CloudWatch::Alarm") {
		periods := alarm.properties["EvaluationPeriods"]
		enough := alarm.properties["DatapointsToAlarm"]
		if enough == nil {
			enough = periods // PutMetricAlarm's default
		}
		got[alarm.id] = fmt.Sprintf("%v of %v periods of %s s", enough, periods, strings.Join(lengths(alarm), ", "))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// lengths are the different periods of an alarm's metrics.
func lengths(alarm resource) []string {
	found := texts(alarm.properties["Period"])
	for _, metric := range objects(alarm.properties["Metrics"]) {
		found = append(found, texts(at(metric, "MetricStat", "Period"))...)
	}
	slices.Sort(found)
	return slices.Compact(found)
}

func TestTheDeadLetterQueueTakesWhatTheRulesCannotDeliverAndNothingElse(t *testing.T) {
	t.Parallel()
	all := load(t)
	want := grants{"sqs:SendMessage": {"${DeadLetterQueue.Arn}"}}
	if diff := cmp.Diff(want, allowed(all.permissions())["DeadLetterQueuePolicy"]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, policy := range all.some(t, "AWS::SQS::QueuePolicy") {
		for _, s := range statements(policy.id, policy.properties["PolicyDocument"]) {
			const told = "arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:rule/${AWS::StackName}-backfill-ended"
			want := []string{"${TrackBackfillFunctionStatusChange.Arn}", told}
			if diff := cmp.Diff(want, texts(at(s.condition, "ArnEquals", "aws:SourceArn"))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		}
	}
	for _, rule := range all.some(t, "AWS::Events::Rule") {
		if rule.id == "BackfillEnded" {
			rule.holds(t, "${ParentName}-backfill-ended", "Name")
		}
	}
}
