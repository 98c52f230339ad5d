package template

import (
	"fmt"
	"slices"
	"time"
)

// RetryPolicy is for how long and how often a delivery that failed is tried again
// (EventBridge's RetryPolicy, and EventBridge Scheduler's).
type RetryPolicy struct {
	MaximumAge time.Duration // 1 minute to 24 hours
	Retries    int           // 0 to 185
}

func retryPolicy(fields *fields) RetryPolicy {
	policy := RetryPolicy{
		MaximumAge: time.Duration(fields.integer("MaximumEventAgeInSeconds", 60, 86400, 86400)) * time.Second,
		Retries:    fields.integer("MaximumRetryAttempts", 0, 185, 185),
	}
	fields.finish()
	return policy
}

// destination is an ARN that has to be of what the template describes, found out
// when all of it is read: an emulator has nothing else to deliver to.
type destination struct {
	line  int
	path  string // such as DailyTick.Target.Arn
	arn   string
	queue bool // or else what can be invoked
}

// invokes reads the ARN of a function or a state machine.
func (b *builder) invokes(fields *fields, key string) string {
	return b.destination(fields, key, false)
}

// sends reads the ARN of a queue.
func (b *builder) sends(fields *fields, key string) string {
	return b.destination(fields, key, true)
}

func (b *builder) destination(fields *fields, key string, queue bool) string {
	arn := fields.required(key)
	if arn != "" {
		b.destinations = append(b.destinations, destination{line: fields.line(), path: fields.path + "." + key, arn: arn, queue: queue})
	}
	return arn
}

func (b *builder) checkDestinations() {
	var invoked, queues []string
	for _, function := range b.template.Functions {
		invoked = append(invoked, function.ARN)
	}
	for _, machine := range b.template.StateMachines {
		invoked = append(invoked, machine.ARN)
	}
	for _, queue := range b.template.Queues {
		queues = append(queues, queue.ARN)
	}
	for _, d := range b.destinations {
		known, what := invoked, "function or state machine"
		if d.queue {
			known, what = queues, "queue"
		}
		if !slices.Contains(known, d.arn) {
			b.resolver.problems.addLine(d.line, fmt.Sprintf("%s is %s, which is no %s of this template", d.path, d.arn, what))
		}
	}
}

// deadLetterConfig reads SAM's form, which makes a queue where Type stands for an
// Arn (AWS SAM Developer Guide, "DeadLetterConfig").
func (b *builder) deadLetterConfig(e event) string {
	config := e.properties.object("DeadLetterConfig")
	defer config.finish()
	if !config.has("Type") {
		return b.deadLetterARN(config)
	}
	config.awsOnly("Arn")
	config.requiredOneOf("Type", "SQS")
	if config.has("Arn") {
		b.resolver.problems.addLine(config.line(), config.path+" has either Arn or Type")
	}
	config.awsOnly("QueueLogicalId")
	return b.generatedQueue(config.line(), deadLetterQueueID(e.logicalID, config.node))
}

// deadLetterARN reads the form of the services themselves.
func (b *builder) deadLetterARN(config *fields) string {
	if config.node == nil {
		return ""
	}
	return b.sends(config, "Arn")
}
