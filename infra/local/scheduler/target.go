package scheduler

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"delfos/infra/local/lambda"
)

// attempt invokes the target once, and tells what was started.
func (s *Service) attempt(f firing) (started string, err error) {
	ctx, cancel := context.WithTimeout(s.stopping, attemptTimeout)
	defer cancel()
	arn, input := f.definition.Target.Arn, s.inputOf(f)
	switch {
	case functionARN.MatchString(arn) && s.options.Functions != nil:
		response, err := s.options.Functions.Invoke(ctx, lambda.Request{Function: arn, Type: lambda.Event, Payload: []byte(input)})
		return response.RequestID, err
	case stateMachineID.MatchString(arn) && s.options.StateMachines != nil:
		err := s.options.StateMachines.StartExecution(ctx, arn, f.name, input)
		return strings.Replace(arn, ":stateMachine:", ":execution:", 1) + ":" + f.name, err
	case queueARN.MatchString(arn) && s.options.Queues != nil:
		return s.options.Queues.Send(ctx, arn, input, nil)
	}
	return "", fmt.Errorf("nothing was given to invoke %s with", arn)
}

// inputOf is what the target gets. The keywords are those of the EventBridge
// Scheduler User Guide, "Adding context attributes".
func (s *Service) inputOf(f firing) string {
	input := f.definition.Target.Input
	if input == "" {
		return s.defaultEvent(f)
	}
	return strings.NewReplacer(
		"<aws.scheduler.schedule-arn>", s.ARN(f.definition.Name),
		"<aws.scheduler.scheduled-time>", f.scheduled.UTC().Format(time.RFC3339),
		"<aws.scheduler.execution-id>", f.executionID,
		"<aws.scheduler.attempt-number>", strconv.Itoa(f.attempt),
	).Replace(input)
}

// defaultEvent is what AWS sends where a target has no Input; that its detail is a
// string is AWS's doing.
func (s *Service) defaultEvent(f firing) string {
	event, _ := json.Marshal(struct { // strings always marshal
		Version    string    `json:"version"`
		ID         string    `json:"id"`
		DetailType string    `json:"detail-type"`
		Source     string    `json:"source"`
		Account    string    `json:"account"`
		Time       string    `json:"time"`
		Region     string    `json:"region"`
		Resources  [1]string `json:"resources"`
		Detail     string    `json:"detail"`
	}{
		"0", f.name, "Scheduled Event", "aws.scheduler", s.options.AccountID, f.scheduled.UTC().Format(time.RFC3339), s.options.Region,
		[1]string{s.ARN(f.definition.Name)},
		"{}",
	})
	return string(event)
}

// maxDeadLetter is what a dead-letter queue takes for a message, in bytes.
const maxDeadLetter = 256 << 10

// giveUp sends the firing to the dead-letter queue, if there is one (EventBridge
// Scheduler User Guide, "Configuring a schedule's dead-letter queue").
func (s *Service) giveUp(f firing, tick Tick, err error, condition string) Tick {
	tick.Outcome = Failed
	dead := f.definition.Target.DeadLetterConfig
	if dead == nil || dead.Arn == "" {
		return tick
	}
	code, message := codeOf(err)
	body, truncated := s.requestOf(f), false
	if len(body) > maxDeadLetter {
		body, truncated = strings.ToValidUTF8(body[:maxDeadLetter], ""), true
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(s.stopping), attemptTimeout)
	defer cancel()
	failure := errors.New("nothing was given to send to it with")
	if s.options.Queues != nil {
		_, failure = s.options.Queues.Send(ctx, dead.Arn, body, map[string]string{
			"ERROR_CODE":                code,
			"ERROR_MESSAGE":             message,
			"EXECUTION_ID":              f.executionID,
			"EXHAUSTED_RETRY_CONDITION": condition,
			"IS_PAYLOAD_TRUNCATED":      strconv.FormatBool(truncated),
			"RETRY_ATTEMPTS":            strconv.Itoa(f.attempt - 1),
			"SCHEDULED_TIME":            f.scheduled.UTC().Format(time.RFC3339),
			"SCHEDULE_ARN":              s.ARN(f.definition.Name),
			"TARGET_ARN":                f.definition.Target.Arn,
		})
	}
	if failure != nil {
		tick.Error = fmt.Sprintf("%s; and the dead-letter queue %s did not take it: %v", tick.Error, dead.Arn, failure)
		return tick
	}
	tick.Outcome = DeadLettered
	return tick
}

// requestOf is the request to the target's API that failed, which is what the
// dead-letter queue gets for a body.
func (s *Service) requestOf(f firing) string {
	arn, input := f.definition.Target.Arn, s.inputOf(f)
	var request any
	switch {
	case functionARN.MatchString(arn):
		request = struct{ FunctionName, InvocationType, Payload string }{arn, string(lambda.Event), input}
	case stateMachineID.MatchString(arn):
		request = struct {
			StateMachineARN string `json:"stateMachineArn"`
			Name            string `json:"name"`
			Input           string `json:"input"`
		}{arn, f.name, input}
	default:
		request = struct{ MessageBody, QueueArn string }{input, arn}
	}
	body, _ := json.Marshal(request) // strings always marshal
	return string(body)
}
