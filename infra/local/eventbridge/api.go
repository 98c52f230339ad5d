package eventbridge

import (
	"context"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"

	"delfos/infra/local/awsjson"
)

// TargetPrefix is EventBridge's.
func (b *Bus) TargetPrefix() string { return "AWSEvents" }

// Call carries out one operation.
func (b *Bus) Call(_ context.Context, operation string, body []byte) (any, error) {
	switch operation {
	case "ListRules":
		return answer(body, b.listRules)
	case "DescribeRule":
		return answer(body, b.describeRule)
	case "ListTargetsByRule":
		return answer(body, b.listTargetsByRule)
	case "EnableRule":
		return answer(body, func(r ruleRequest) (any, error) { return nil, b.turn(r, Enabled) })
	case "DisableRule":
		return answer(body, func(r ruleRequest) (any, error) { return nil, b.turn(r, Disabled) })
	case "PutEvents":
		return answer(body, b.putEvents)
	case "TestEventPattern":
		return answer(body, b.testEventPattern)
	}
	return nil, awsjson.UnknownOperation("EventBridge", operation)
}

func answer[Q any](body []byte, operation func(Q) (any, error)) (any, error) {
	request, err := awsjson.Decode[Q](body)
	if err != nil {
		return nil, err
	}
	return operation(request)
}

// busName is that of the one bus there is.
const busName = "default"

func (b *Bus) arn(resource string) string {
	return fmt.Sprintf("arn:aws:events:%s:%s:%s", b.options.Region, b.options.AccountID, resource)
}

func (b *Bus) checkBus(name string) error {
	if name == "" || name == busName || name == b.arn("event-bus/"+busName) {
		return nil
	}
	return awsjson.Errorf("ResourceNotFoundException", "Event bus %s does not exist: the local EventBridge has the one named %s.", name, busName)
}

func (b *Bus) findLocked(name, bus string) (*rule, error) {
	if err := b.checkBus(bus); err != nil {
		return nil, err
	}
	if found := b.rules[name]; found != nil {
		return found, nil
	}
	return nil, awsjson.Errorf("ResourceNotFoundException", "Rule %s does not exist on EventBus %s.", name, busName)
}

type pageRequest struct {
	NamePrefix   string
	EventBusName string
	NextToken    string
	Limit        *int
}

// ruleDocument is a Rule of the API.
type ruleDocument struct {
	Name         string
	Arn          string
	EventPattern string
	State        State
	Description  string `json:",omitempty"`
	EventBusName string
}

func (b *Bus) describe(r *rule) ruleDocument {
	return ruleDocument{r.Name, b.arn("rule/" + r.Name), r.Pattern, r.state, r.Description, busName}
}

func (b *Bus) listRules(request pageRequest) (any, error) {
	if err := b.checkBus(request.EventBusName); err != nil {
		return nil, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	names := slices.DeleteFunc(b.namesLocked(), func(name string) bool { return !strings.HasPrefix(name, request.NamePrefix) })
	names, next, err := page(names, request.NextToken, request.Limit)
	if err != nil {
		return nil, err
	}
	listed := struct {
		Rules     []ruleDocument
		NextToken string `json:",omitempty"`
	}{[]ruleDocument{}, next}
	for _, name := range names {
		listed.Rules = append(listed.Rules, b.describe(b.rules[name]))
	}
	return listed, nil
}

// page takes what comes after a token from sorted names.
func page(names []string, token string, limit *int) (taken []string, next string, err error) {
	size := 100
	if limit != nil {
		if size = *limit; size < 1 || size > 100 {
			return nil, "", awsjson.Errorf("ValidationException", "Limit %d: want 1 to 100", size)
		}
	}
	after, err := base64.URLEncoding.DecodeString(token)
	if err != nil {
		return nil, "", awsjson.Errorf("ValidationException", "NextToken: it is not one that this operation gave")
	}
	names = slices.DeleteFunc(names, func(name string) bool { return name <= string(after) })
	if len(names) <= size {
		return names, "", nil
	}
	return names[:size], base64.URLEncoding.EncodeToString([]byte(names[size-1])), nil
}

type ruleRequest struct {
	Name         string
	EventBusName string
}

func (b *Bus) describeRule(request ruleRequest) (any, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	found, err := b.findLocked(request.Name, request.EventBusName)
	if err != nil {
		return nil, err
	}
	return b.describe(found), nil
}

func (b *Bus) turn(request ruleRequest, to State) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	found, err := b.findLocked(request.Name, request.EventBusName)
	if err != nil {
		return err
	}
	return b.setStateLocked(found, to)
}

type targetsRequest struct {
	Rule         string
	EventBusName string
	NextToken    string
	Limit        *int
}

func (b *Bus) listTargetsByRule(request targetsRequest) (any, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	found, err := b.findLocked(request.Rule, request.EventBusName)
	if err != nil {
		return nil, err
	}
	byID, ids := map[string]Target{}, []string{}
	for _, target := range found.Targets {
		byID[target.ID] = target
		ids = append(ids, target.ID)
	}
	slices.Sort(ids)
	ids, next, err := page(ids, request.NextToken, request.Limit)
	if err != nil {
		return nil, err
	}
	listed := struct {
		Targets   []Target
		NextToken string `json:",omitempty"`
	}{[]Target{}, next}
	for _, id := range ids {
		listed.Targets = append(listed.Targets, byID[id])
	}
	return listed, nil
}

type testPatternRequest struct {
	EventPattern string
	Event        string
}

// required are the members without which TestEventPattern takes no event.
var required = []string{"id", "account", "source", "time", "region", "resources", "detail-type"}

func (b *Bus) testEventPattern(request testPatternRequest) (any, error) {
	pattern, err := ParsePattern(request.EventPattern)
	if err != nil {
		return nil, awsjson.Errorf("InvalidEventPatternException", "Event pattern is not valid. Reason: %v", err)
	}
	event, err := parseObject(request.Event)
	if err != nil {
		return nil, awsjson.Errorf("ValidationException", "Parameter Event is not valid. Reason: %v", err)
	}
	for _, name := range required {
		if _, ok := event[name]; !ok {
			return nil, awsjson.Errorf("ValidationException", "Parameter Event is not valid. Reason: the member %s is missing", name)
		}
	}
	return map[string]bool{"Result": pattern.matches(event)}, nil
}
