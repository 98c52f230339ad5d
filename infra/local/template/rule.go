package template

import (
	"encoding/json"

	"go.yaml.in/yaml/v3"
)

// Rule is an AWS::Events::Rule on the default event bus, or what SAM makes of an
// EventBridgeRule event.
type Rule struct {
	LogicalID   string
	Name        string
	ARN         string
	Description string
	Pattern     json.RawMessage // a JSON object
	Enabled     bool
	Targets     []RuleTarget // in the template's order, at most 5
}

// RuleTarget is a function or a state machine that a rule's events go to.
type RuleTarget struct {
	ID            string
	ARN           string
	Retry         RetryPolicy
	DeadLetterARN string // a queue's, or empty
}

// maxTargets is EventBridge's quota ("Targets per rule").
const maxTargets = 5

// rule reads an AWS::Events::Rule (CloudFormation Template Reference).
func (b *builder) rule(resource *resource) {
	fields := b.fields(resource)
	fields.awsOnly("Name", "Tags")
	rule := b.matching(fields, "EventPattern")
	rule.LogicalID = resource.logicalID
	rule.Name, rule.ARN = b.resolver.nameOf(resource, "Name"), ruleARN(b.resolver, resource)
	rule.Description = fields.text("Description", "")
	ids := map[string]bool{}
	for _, target := range fields.objects("Targets") {
		read := b.ruleTarget(target)
		if ids[read.ID] {
			b.resolver.problems.addLine(target.line(), target.path+".Id is another target's too")
		}
		ids[read.ID] = true
		rule.Targets = append(rule.Targets, read)
	}
	if len(rule.Targets) > maxTargets {
		b.resolver.problems.addLine(fields.line(), fields.path+" has more than 5 targets, EventBridge's quota")
	}
	fields.finish()
	b.template.Rules = append(b.template.Rules, rule)
}

func (b *builder) ruleTarget(fields *fields) RuleTarget {
	fields.awsOnly("RoleArn")
	deadLetters := fields.object("DeadLetterConfig")
	target := RuleTarget{
		ID:            fields.required("Id"),
		ARN:           b.invokes(fields, "Arn"),
		Retry:         retryPolicy(fields.object("RetryPolicy")),
		DeadLetterARN: b.deadLetterARN(deadLetters),
	}
	deadLetters.finish()
	fields.finish()
	return target
}

// ruleEvent reads an EventBridgeRule event, which CloudWatchEvent is another name
// of (AWS SAM Developer Guide, "EventBridgeRule").
func (b *builder) ruleEvent(function string, e event) {
	made := b.resolver.generated(e.at.Line, e.logicalID, "AWS::Events::Rule")
	if made == nil {
		return
	}
	fields := e.properties
	fields.awsOnly("RuleName")
	rule := b.matching(fields, "Pattern")
	rule.LogicalID = e.logicalID
	rule.Name, rule.ARN = b.resolver.nameOf(made, "Name"), ruleARN(b.resolver, made)
	target := fields.object("Target")
	rule.Targets = []RuleTarget{{
		ID:            target.text("Id", targetID(e.logicalID)),
		ARN:           function,
		Retry:         retryPolicy(fields.object("RetryPolicy")),
		DeadLetterARN: b.deadLetterConfig(e),
	}}
	target.finish()
	fields.finish()
	b.template.Rules = append(b.template.Rules, rule)
}

// targetID is SAM's, cut to the 64 characters that a target's id may have.
func targetID(logicalID string) string {
	const most, suffix = 64, "LambdaTarget"
	return logicalID[:min(len(logicalID), most-len(suffix))] + suffix
}

// matching reads what both forms have in common; whether the pattern is one is
// PutRule's to say.
func (b *builder) matching(fields *fields, patternKey string) Rule {
	fields.oneOf("EventBusName", "default")
	rule := Rule{Enabled: fields.oneOf("State", "ENABLED", "DISABLED") == "ENABLED"}
	pattern := fields.value(patternKey)
	switch {
	case !fields.has(patternKey):
		b.resolver.problems.addLine(fields.line(), fields.path+"."+patternKey+" is missing")
	case pattern == nil: // told already
	case pattern.Kind != yaml.MappingNode || len(pattern.Content) == 0:
		b.resolver.problems.add(pattern, "%s.%s is a mapping of at least one key", fields.path, patternKey)
	default:
		rule.Pattern = b.resolver.json(pattern, nil)
	}
	return rule
}
