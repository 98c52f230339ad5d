package scheduler

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"delfos/infra/local/awsjson"
	"delfos/shared/schedule/expression"
)

// The patterns are those of the EventBridge Scheduler API Reference, those of
// targets as far as they are implemented.
var (
	scheduleName   = regexp.MustCompile(`^[0-9a-zA-Z-_.]{1,64}$`)
	clientToken    = regexp.MustCompile(`^[a-zA-Z0-9-_]{1,64}$`)
	roleARN        = regexp.MustCompile(`^arn:aws(-[a-z]+)?:iam::[0-9]{12}:role/[\w+=,.@/-]+$`)
	queueARN       = regexp.MustCompile(`^arn:aws:sqs:[a-z0-9-]+:[0-9]{12}:[a-zA-Z0-9_-]+$`)
	functionARN    = regexp.MustCompile(`^arn:aws:lambda:[a-z0-9-]+:[0-9]{12}:function:[a-zA-Z0-9_-]+(:\$LATEST)?$`)
	stateMachineID = regexp.MustCompile(`^arn:aws:states:[a-z0-9-]+:[0-9]{12}:stateMachine:[a-zA-Z0-9_-]+$`)
)

const (
	maxARN         = 1600
	maxDescription = 512
	maxZone        = 50
	maxInput       = 256 << 10 // EventBridge Scheduler User Guide, "Quotas": the payload
	// maxStartAge is how far in the past a new StartDate may be, as AWS's error of it
	// says.
	maxStartAge = 5 * time.Minute
)

// problems collects what is wrong with a definition.
type problems []string

func (p *problems) add(field, format string, args ...any) {
	*p = append(*p, field+": "+fmt.Sprintf(format, args...))
}

// err is nil without problems.
func (p problems) err() error {
	if len(p) == 0 {
		return nil
	}
	if len(p) == 1 {
		return awsjson.Errorf("ValidationException", "1 validation error detected: %s", p[0])
	}
	return awsjson.Errorf("ValidationException", "%d validation errors detected: %s", len(p), strings.Join(p, "; "))
}

// check finds all that is wrong with a completed definition; now is nil where its
// dates may lie in the past.
func (d *Definition) check(now *time.Time) (expression.Expression, error) {
	var found problems
	if !scheduleName.MatchString(d.Name) {
		found.add("Name", "%q: want 1 to 64 letters, digits, -, _ and dots", d.Name)
	}
	if utf8.RuneCountInString(d.Description) > maxDescription {
		found.add("Description", "want at most %d characters", maxDescription)
	}
	parsed := d.checkExpression(&found)
	d.checkDates(&found, parsed, now)
	if d.State != stateEnabled && d.State != stateDisabled {
		found.add("State", "%q: want %s or %s", d.State, stateEnabled, stateDisabled)
	}
	if d.ActionAfterCompletion != actionNone && d.ActionAfterCompletion != actionDelete {
		found.add("ActionAfterCompletion", "%q: want %s or %s", d.ActionAfterCompletion, actionNone, actionDelete)
	}
	d.FlexibleTimeWindow.check(&found)
	d.Target.check(&found)
	return parsed, found.err()
}

func (d *Definition) checkExpression(found *problems) expression.Expression {
	zone, err := expression.Zone(d.ScheduleExpressionTimezone)
	if err != nil || len(d.ScheduleExpressionTimezone) > maxZone {
		found.add("ScheduleExpressionTimezone", "%q: want a name of the IANA time zone database, such as Europe/Lisbon", d.ScheduleExpressionTimezone)
		zone = time.UTC
	}
	parsed, err := expression.Parse(d.ScheduleExpression, zone)
	if err != nil {
		found.add("ScheduleExpression", "Invalid Schedule Expression %s. %v", d.ScheduleExpression, err)
	}
	return parsed
}

func (d *Definition) checkDates(found *problems, parsed expression.Expression, now *time.Time) {
	if !parsed.Recurs() { // "ignores StartDate for one-time schedules", and EndDate
		return
	}
	if d.StartDate != nil && d.EndDate != nil && !d.StartDate.Before(d.EndDate.Time) {
		found.add("StartDate", "the StartDate must come before the EndDate")
	}
	if now == nil {
		return
	}
	if d.StartDate != nil && d.StartDate.Before(now.Add(-maxStartAge)) {
		found.add("StartDate", "The StartDate you specify cannot be earlier than 5 minutes ago.")
	}
	if d.EndDate != nil && !d.EndDate.After(*now) {
		found.add("EndDate", "the EndDate must be in the future")
	}
}

func (w FlexibleTimeWindow) check(found *problems) {
	minutes := w.MaximumWindowInMinutes
	switch {
	case w.Mode == windowOff && minutes != nil:
		found.add("FlexibleTimeWindow.MaximumWindowInMinutes", "want none with the Mode %s", windowOff)
	case w.Mode == windowOn && (minutes == nil || *minutes < 1 || *minutes > 1440):
		found.add("FlexibleTimeWindow.MaximumWindowInMinutes", "want 1 to 1440 with the Mode %s", windowOn)
	case w.Mode != windowOff && w.Mode != windowOn:
		found.add("FlexibleTimeWindow.Mode", "%q: want %s or %s", w.Mode, windowOff, windowOn)
	}
}

func (t *Target) check(found *problems) {
	if !roleARN.MatchString(t.RoleArn) || len(t.RoleArn) > maxARN {
		found.add("Target.RoleArn", "%q: want the ARN of an IAM role, such as arn:aws:iam::000000000000:role/scheduler", t.RoleArn)
	}
	isQueue := queueARN.MatchString(t.Arn)
	if !isQueue && !functionARN.MatchString(t.Arn) && !stateMachineID.MatchString(t.Arn) {
		found.add("Target.Arn", "%q: the local scheduler invokes Lambda functions, Step Functions state machines and standard SQS queues, by their ARNs", t.Arn)
	}
	switch {
	case len(t.Input) > maxInput:
		found.add("Target.Input", "it has %d bytes: want at most %d", len(t.Input), maxInput)
	case t.Input != "" && !isQueue && !json.Valid([]byte(t.Input)):
		found.add("Target.Input", "it is not well-formed JSON, which functions and state machines take")
	}
	if dead := t.DeadLetterConfig; dead != nil && dead.Arn != "" && !queueARN.MatchString(dead.Arn) {
		found.add("Target.DeadLetterConfig.Arn", "%q: want the ARN of a standard SQS queue", dead.Arn)
	}
	if age := *t.RetryPolicy.MaximumEventAgeInSeconds; age < 60 || age > defaultEventAge {
		found.add("Target.RetryPolicy.MaximumEventAgeInSeconds", "%d: want 60 to %d", age, defaultEventAge)
	}
	if retries := *t.RetryPolicy.MaximumRetryAttempts; retries < 0 || retries > defaultRetries {
		found.add("Target.RetryPolicy.MaximumRetryAttempts", "%d: want 0 to %d", retries, defaultRetries)
	}
}
