package template

import (
	"encoding/json"
	"time"
)

// Schedule is an AWS::Scheduler::Schedule in the default group, or what SAM makes
// of a ScheduleV2 event.
type Schedule struct {
	LogicalID   string
	Name        string
	ARN         string
	Description string
	Expression  string // at(…), rate(…) or cron(…), as it stands in the template
	TimeZone    string // the IANA time zone of at and cron
	Enabled     bool
	// StartDate and EndDate bound a rate or cron expression; zero does not.
	StartDate, EndDate time.Time
	FlexibleMinutes    int // the window in which the target is invoked: 0 (at the time itself) to 1,440
	TargetARN          string
	Input              string // JSON, or empty for Scheduler's own
	Retry              RetryPolicy
	DeadLetterARN      string // a queue's, or empty
}

// schedule reads an AWS::Scheduler::Schedule (CloudFormation Template Reference).
func (b *builder) schedule(resource *resource) {
	fields := b.fields(resource)
	fields.awsOnly("KmsKeyArn", "Name")
	schedule := b.timing(fields)
	schedule.LogicalID = resource.logicalID
	schedule.Name, schedule.ARN = b.resolver.nameOf(resource, "Name"), scheduleARN(b.resolver, resource)
	if !fields.has("FlexibleTimeWindow") {
		b.resolver.problems.addLine(fields.line(), fields.path+".FlexibleTimeWindow is missing")
	}
	target := fields.object("Target")
	target.required("RoleArn") // AWS alone assumes it
	schedule.TargetARN = b.invokes(target, "Arn")
	schedule.Input = input(target)
	schedule.Retry = retryPolicy(target.object("RetryPolicy"))
	deadLetters := target.object("DeadLetterConfig")
	schedule.DeadLetterARN = b.deadLetterARN(deadLetters)
	deadLetters.finish()
	target.finish()
	fields.finish()
	b.template.Schedules = append(b.template.Schedules, schedule)
}

// scheduleEvent reads a ScheduleV2 event (AWS SAM Developer Guide, "ScheduleV2").
func (b *builder) scheduleEvent(target string, e event) {
	made := b.resolver.generated(e.at.Line, e.logicalID, "AWS::Scheduler::Schedule")
	if made == nil {
		return
	}
	fields := e.properties
	fields.awsOnly("KmsKeyArn", "Name", "PermissionsBoundary", "RoleArn")
	if fields.boolean("OmitName", false) && fields.has("Name") {
		b.resolver.problems.addLine(fields.line(), fields.path+" has either Name or OmitName")
	}
	schedule := b.timing(fields)
	schedule.LogicalID, schedule.TargetARN = e.logicalID, target
	schedule.Name, schedule.ARN = b.resolver.nameOf(made, "Name"), scheduleARN(b.resolver, made)
	schedule.Input = input(fields)
	schedule.Retry = retryPolicy(fields.object("RetryPolicy"))
	schedule.DeadLetterARN = b.deadLetterConfig(e)
	fields.finish()
	b.template.Schedules = append(b.template.Schedules, schedule)
}

// timing reads what both forms have in common; whether the expression and the time
// zone are any is CreateSchedule's to say.
func (b *builder) timing(fields *fields) Schedule {
	fields.oneOf("GroupName", "default")
	return Schedule{
		Description:     fields.text("Description", ""),
		Expression:      fields.required("ScheduleExpression"),
		TimeZone:        fields.text("ScheduleExpressionTimezone", "UTC"),
		Enabled:         fields.oneOf("State", "ENABLED", "DISABLED") == "ENABLED",
		StartDate:       instant(fields, "StartDate"),
		EndDate:         instant(fields, "EndDate"),
		FlexibleMinutes: flexibleMinutes(fields.object("FlexibleTimeWindow")),
	}
}

func flexibleMinutes(window *fields) int {
	defer window.finish()
	if window.oneOf("Mode", "OFF", "FLEXIBLE") != "FLEXIBLE" {
		return 0
	}
	window.required("MaximumWindowInMinutes")
	return window.integer("MaximumWindowInMinutes", 1, 1440, 0)
}

func instant(fields *fields, key string) time.Time {
	text := fields.text(key, "")
	if text == "" {
		return time.Time{}
	}
	node := child(fields.node, key)
	if node.Tag == "!!timestamp" {
		fields.problems.add(node, "%s.%s has to be in quotes: SAM takes it for a date, and wants text", fields.path, key)
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		fields.problems.add(node, "%s.%s is %q, want a time such as 2026-03-01T00:00:00Z", fields.path, key, text)
	}
	return at
}

// input is JSON, as Scheduler wants it for Lambda and Step Functions (Scheduler
// User Guide, "Using templated targets").
func input(fields *fields) string {
	text := fields.text("Input", "")
	if text != "" && !json.Valid([]byte(text)) {
		fields.problems.add(child(fields.node, "Input"), "%s.Input is not JSON", fields.path)
	}
	return text
}
