package eventbridge_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awsevents "github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/google/go-cmp/cmp"

	"delfos/infra/local/awsjson"
	"delfos/infra/local/endpoint"
	"delfos/infra/local/eventbridge"
	"delfos/infra/local/lambda"
)

const trackARN = "arn:aws:lambda:eu-west-1:123456789012:function:track"

// functions stands for Lambda: it gives its invocations to whoever takes them.
type functions chan lambda.Request

func (f functions) Invoke(ctx context.Context, request lambda.Request) (lambda.Response, error) {
	select {
	case f <- request:
		return lambda.Response{}, nil
	case <-ctx.Done():
		return lambda.Response{}, ctx.Err()
	}
}

var now = time.Date(2026, 2, 26, 1, 2, 3, 456e6, time.UTC)

func open(t *testing.T, f eventbridge.Invoker, change ...func(*eventbridge.Options)) *eventbridge.Bus {
	t.Helper()
	options := eventbridge.Options{
		Region: "eu-west-1", AccountID: "123456789012", Lambda: f, Logger: slog.New(slog.DiscardHandler),
		Now: func() time.Time { return now }, NewID: func() string { return "event-1" },
	}
	for _, one := range change {
		one(&options)
	}
	bus, err := eventbridge.Open(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := bus.Close(); err != nil {
			t.Error(err)
		}
	})
	return bus
}

func rule(name, pattern string) eventbridge.Rule {
	return eventbridge.Rule{Name: name, Pattern: pattern, Targets: []eventbridge.Target{{ID: "target", ARN: trackARN}}}
}

func declare(t *testing.T, bus *eventbridge.Bus, rules ...eventbridge.Rule) {
	t.Helper()
	if err := bus.Declare(rules...); err != nil {
		t.Fatal(err)
	}
}

func put(t *testing.T, bus *eventbridge.Bus, source, detail string) {
	t.Helper()
	if _, err := bus.Put(eventbridge.Event{Source: source, DetailType: "test", Detail: json.RawMessage(detail)}); err != nil {
		t.Fatal(err)
	}
}

func client(t *testing.T, bus *eventbridge.Bus) *awsevents.Client {
	t.Helper()
	server := httptest.NewServer(endpoint.Handler(endpoint.Services{JSON: []awsjson.Service{bus}}))
	t.Cleanup(server.Close)
	return awsevents.New(awsevents.Options{
		BaseEndpoint: &server.URL, Region: "eu-west-1", RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("any", "any", ""),
	})
}

func TestAnEventReachesTheTargetsOfTheRulesThatItMatches(t *testing.T) {
	t.Parallel()
	f := make(functions, 10)
	bus := open(t, f)
	off := rule("off", `{"source":["aws.states"]}`)
	off.State = eventbridge.Disabled
	declare(t, bus, rule("states", `{"source":["aws.states"],"detail":{"status":["FAILED"]}}`), rule("other", `{"source":["else"]}`), off)
	id, err := bus.Put(eventbridge.Event{
		Source: "aws.states", DetailType: "Step Functions Execution Status Change", Resources: []string{"arn:execution"}, Detail: json.RawMessage(`{"status":"FAILED"}`),
	})
	if err != nil || id != "event-1" {
		t.Fatal(id, err)
	}
	want := lambda.Request{Function: trackARN, Type: lambda.Event, Payload: []byte(`{"version":"0","id":"event-1",` +
		`"detail-type":"Step Functions Execution Status Change","source":"aws.states","account":"123456789012","time":"2026-02-26T01:02:03Z",` +
		`"region":"eu-west-1","resources":["arn:execution"],"detail":{"status":"FAILED"}}`)}
	if diff := cmp.Diff(want, <-f); diff != "" {
		t.Error(diff)
	}
	put(t, bus, "else", `{}`) // what is delivered next is of the next event
	if got := string((<-f).Payload); !strings.Contains(got, `"source":"else"`) || !strings.Contains(got, `"resources":[]`) {
		t.Error(got)
	}
}

func TestPutDoesNotWaitAndKeepsTheOrder(t *testing.T) {
	t.Parallel()
	f := make(functions) // takes nothing yet
	bus := open(t, f)
	declare(t, bus, rule("all", `{"source":[{"exists":true}]}`))
	for i := range 1000 {
		put(t, bus, "s", fmt.Sprintf(`{"n":%d}`, i))
	}
	for i := range 1000 {
		if got := string((<-f).Payload); !strings.Contains(got, fmt.Sprintf(`{"n":%d}`, i)) {
			t.Fatalf("event %d is %s", i, got)
		}
	}
}

func TestDeliverReturnsWhenTheTargetsHaveTheEvent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := make(functions)
		bus := open(t, f)
		declare(t, bus, rule("one", `{"source":["s"]}`), rule("other", `{"source":["s"]}`))
		delivered := make(chan error, 1)
		go func() {
			_, err := bus.Deliver(t.Context(), eventbridge.Event{Source: "s", DetailType: "test", Detail: json.RawMessage(`{}`)})
			delivered <- err
		}()
		for range 2 {
			synctest.Wait()
			if len(delivered) != 0 {
				t.Fatal("it returned before both targets had the event")
			}
			<-f
		}
		if err := <-delivered; err != nil {
			t.Error(err)
		}
		if _, err := bus.Deliver(t.Context(), eventbridge.Event{Source: "nobody's", DetailType: "test", Detail: json.RawMessage(`{}`)}); err != nil {
			t.Errorf("an event that no rule matches: %v", err)
		}
	})
}

func TestDeliverSaysThatAnEventWasNotHandedOver(t *testing.T) {
	t.Parallel()
	f := make(functions) // takes nothing
	bus := open(t, f, func(o *eventbridge.Options) { o.After = func(time.Duration) <-chan time.Time { return time.After(0) } })
	declare(t, bus, rule("all", `{"source":["s"]}`))
	put(t, bus, "s", `{}`) // is in the way
	event := eventbridge.Event{Source: "s", DetailType: "test", Detail: json.RawMessage(`{}`)}
	given, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := bus.Deliver(given, event); !errors.Is(err, context.Canceled) {
		t.Errorf("a caller that gives up: %v", err)
	}
	delivered := make(chan error, 1)
	go func() {
		_, err := bus.Deliver(t.Context(), event)
		delivered <- err
	}()
	if err := bus.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-delivered; err == nil || !strings.Contains(err.Error(), "stopped") {
		t.Errorf("a bus that stops: %v", err)
	}
}

func TestCloseDeliversWhatWaits(t *testing.T) {
	t.Parallel()
	f := make(functions)
	bus := open(t, f)
	declare(t, bus, rule("all", `{"source":["s"]}`))
	for range 100 {
		put(t, bus, "s", `{}`)
	}
	taken := make(chan int)
	go func() {
		count := 0
		for range f {
			count++
		}
		taken <- count
	}()
	if err := bus.Close(); err != nil {
		t.Fatal(err)
	}
	close(f)
	if count := <-taken; count != 100 {
		t.Errorf("%d of 100 events were delivered", count)
	}
}

func TestWhatCannotBeDeliveredIsLogged(t *testing.T) {
	t.Parallel()
	log, refused := &bytes.Buffer{}, make(chan struct{})
	bus := open(t, refusing(refused), func(o *eventbridge.Options) {
		o.Logger = slog.New(slog.NewTextHandler(log, nil))
		o.After = func(time.Duration) <-chan time.Time { return time.After(0) }
	})
	declare(t, bus, rule("all", `{"source":["s"]}`))
	for range 3 {
		put(t, bus, "s", `{}`)
	}
	<-refused
	if err := bus.Close(); err != nil {
		t.Fatal(err)
	}
	if text := log.String(); !strings.Contains(text, "did not reach") || !strings.Contains(text, "Function not found") || !strings.Contains(text, "dropped") {
		t.Errorf("log: %s", text)
	}
	if _, err := bus.Put(eventbridge.Event{Source: "s", Detail: json.RawMessage(`{}`)}); err == nil {
		t.Error("a closed bus takes events")
	}
}

// refusing refuses one invocation, and lets the next ones wait until the bus stops.
type refusing chan struct{}

func (r refusing) Invoke(ctx context.Context, _ lambda.Request) (lambda.Response, error) {
	select {
	case r <- struct{}{}:
		return lambda.Response{}, errors.New("Function not found")
	case <-ctx.Done():
		return lambda.Response{}, ctx.Err()
	}
}

func TestAnEventWithoutAJSONDetailIsRefused(t *testing.T) {
	t.Parallel()
	if _, err := open(t, make(functions)).Put(eventbridge.Event{Source: "s", DetailType: "d", Detail: json.RawMessage(`{`)}); err == nil {
		t.Error("it was taken")
	}
	if _, err := eventbridge.Open(eventbridge.Options{}); err == nil || !strings.Contains(err.Error(), "Options.Lambda") {
		t.Error(err)
	}
}

func TestBadRulesAreRefusedByName(t *testing.T) {
	t.Parallel()
	bus := open(t, make(functions))
	good := rule("good", `{"source":["s"]}`)
	for says, change := range map[string]func(*eventbridge.Rule){
		"Name":         func(r *eventbridge.Rule) { r.Name = "a b" },
		"State":        func(r *eventbridge.Rule) { r.State = "ON" },
		"EventPattern": func(r *eventbridge.Rule) { r.Pattern = `{"source":[{"cidr":"10.0.0.0/8"}]}` },
		"Id":           func(r *eventbridge.Rule) { r.Targets = append(r.Targets, r.Targets...) },
		"Lambda": func(r *eventbridge.Rule) {
			r.Targets = []eventbridge.Target{{ID: "t", ARN: "arn:aws:sns:eu-west-1:123456789012:x"}}
		},
		"6 targets":       func(r *eventbridge.Rule) { r.Targets = make([]eventbridge.Target, 6) },
		"two of the name": func(r *eventbridge.Rule) { r.Name = "good" },
	} {
		bad := rule("bad", `{"source":["s"]}`)
		change(&bad)
		if err := bus.Declare(good, bad); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v, want %q", err, says)
		}
	}
}

func TestTheAWSClientReadsAndTurnsRules(t *testing.T) {
	t.Parallel()
	f := make(functions, 10)
	bus := open(t, f)
	described := rule("b", `{"source":["s"]}`)
	described.Description = "tells of executions"
	declare(t, bus, rule("a-1", `{"source":["s1"]}`), described, rule("a-2", `{"source":["s2"]}`))
	sdk := client(t, bus)
	page, err := sdk.ListRules(t.Context(), &awsevents.ListRulesInput{Limit: aws.Int32(2)})
	if err != nil || len(page.Rules) != 2 || *page.Rules[1].Name != "a-2" {
		t.Fatalf("%+v, %v", page, err)
	}
	page, err = sdk.ListRules(t.Context(), &awsevents.ListRulesInput{NextToken: page.NextToken, EventBusName: aws.String("default")})
	if err != nil || len(page.Rules) != 1 || *page.Rules[0].Name != "b" || page.NextToken != nil {
		t.Fatalf("%+v, %v", page, err)
	}
	page, err = sdk.ListRules(t.Context(), &awsevents.ListRulesInput{NamePrefix: aws.String("a-")})
	if err != nil || len(page.Rules) != 2 {
		t.Fatalf("%+v, %v", page, err)
	}
	one, err := sdk.DescribeRule(t.Context(), &awsevents.DescribeRuleInput{Name: aws.String("b")})
	if err != nil || *one.Arn != "arn:aws:events:eu-west-1:123456789012:rule/b" || *one.EventPattern != `{"source":["s"]}` ||
		one.State != types.RuleStateEnabled || *one.Description != "tells of executions" || *one.EventBusName != "default" {
		t.Errorf("%+v, %v", one, err)
	}
	targets, err := sdk.ListTargetsByRule(t.Context(), &awsevents.ListTargetsByRuleInput{Rule: aws.String("b")})
	if err != nil || len(targets.Targets) != 1 || *targets.Targets[0].Id != "target" || *targets.Targets[0].Arn != trackARN {
		t.Errorf("%+v, %v", targets, err)
	}
	if _, err := sdk.DisableRule(t.Context(), &awsevents.DisableRuleInput{Name: aws.String("b")}); err != nil {
		t.Fatal(err)
	}
	put(t, bus, "s", `{"n":1}`)
	if _, err := sdk.EnableRule(t.Context(), &awsevents.EnableRuleInput{Name: aws.String("b")}); err != nil {
		t.Fatal(err)
	}
	put(t, bus, "s", `{"n":2}`)
	if got := string((<-f).Payload); !strings.Contains(got, `{"n":2}`) {
		t.Errorf("while the rule was off: %s", got)
	}
}

func TestTheAWSClientPutsEvents(t *testing.T) {
	t.Parallel()
	f := make(functions, 10)
	bus := open(t, f)
	declare(t, bus, rule("all", `{"source":["mine"]}`))
	sdk := client(t, bus)
	entry := func(source, detailType, detail string) types.PutEventsRequestEntry {
		return types.PutEventsRequestEntry{Source: &source, DetailType: &detailType, Detail: &detail, Time: aws.Time(now.Add(-time.Hour)), Resources: []string{"r"}}
	}
	elsewhere := entry("mine", "d", "{}")
	elsewhere.EventBusName = aws.String("other")
	got, err := sdk.PutEvents(t.Context(), &awsevents.PutEventsInput{Entries: []types.PutEventsRequestEntry{
		entry("mine", "d", `{"n":1}`), entry("", "d", "{}"), entry("mine", "", "{}"), entry("mine", "d", ""), entry("aws.states", "d", "{}"),
		entry("mine", "d", "[]"), entry("mine", "d", `{"x":"`+strings.Repeat("x", 1<<20)+`"}`), elsewhere,
	}})
	if err != nil {
		t.Fatal(err)
	}
	var codes []string
	for _, one := range got.Entries {
		codes = append(codes, aws.ToString(one.EventId)+aws.ToString(one.ErrorCode))
	}
	want := []string{
		"event-1", "InvalidArgument", "InvalidArgument", "InvalidArgument", "NotAuthorizedForSourceException", "MalformedDetail", "InvalidArgument", "InvalidArgument",
	}
	if diff := cmp.Diff(want, codes); diff != "" || got.FailedEntryCount != 7 {
		t.Errorf("%d failed: %s", got.FailedEntryCount, diff)
	}
	if payload := string((<-f).Payload); !strings.Contains(payload, `"time":"2026-02-26T00:02:03Z"`) || !strings.Contains(payload, `"detail":{"n":1}`) {
		t.Error(payload)
	}
}

func TestTheAWSClientTestsPatternsAndUnderstandsRefusals(t *testing.T) {
	t.Parallel()
	sdk := client(t, open(t, make(functions)))
	for pattern, want := range map[string]bool{`{"source":["aws.states"]}`: true, `{"source":["aws.ec2"]}`: false} {
		got, err := sdk.TestEventPattern(t.Context(), &awsevents.TestEventPatternInput{EventPattern: &pattern, Event: aws.String(event)})
		if err != nil || got.Result != want {
			t.Errorf("%s: %+v, %v", pattern, got, err)
		}
	}
	_, badPattern := sdk.TestEventPattern(t.Context(), &awsevents.TestEventPatternInput{EventPattern: aws.String(`{"a":[{"cidr":"x"}]}`), Event: aws.String(event)})
	if refused, ok := errors.AsType[*types.InvalidEventPatternException](badPattern); !ok || !strings.Contains(refused.ErrorMessage(), "cidr") {
		t.Error(badPattern)
	}
	_, noEvent := sdk.TestEventPattern(t.Context(), &awsevents.TestEventPatternInput{EventPattern: aws.String(`{"a":["b"]}`), Event: aws.String(`[]`)})
	_, half := sdk.TestEventPattern(t.Context(), &awsevents.TestEventPatternInput{EventPattern: aws.String(`{"a":["b"]}`), Event: aws.String(`{"id":"1"}`)})
	_, noRule := sdk.DescribeRule(t.Context(), &awsevents.DescribeRuleInput{Name: aws.String("none")})
	_, noTargets := sdk.ListTargetsByRule(t.Context(), &awsevents.ListTargetsByRuleInput{Rule: aws.String("none")})
	_, noBus := sdk.ListRules(t.Context(), &awsevents.ListRulesInput{EventBusName: aws.String("other")})
	_, badLimit := sdk.ListRules(t.Context(), &awsevents.ListRulesInput{Limit: aws.Int32(101)})
	_, badToken := sdk.ListRules(t.Context(), &awsevents.ListRulesInput{NextToken: aws.String("!")})
	_, nothing := sdk.PutEvents(t.Context(), &awsevents.PutEventsInput{Entries: []types.PutEventsRequestEntry{}})
	_, unknown := sdk.PutRule(t.Context(), &awsevents.PutRuleInput{Name: aws.String("r"), EventPattern: aws.String("{}")})
	for says, err := range map[string]error{
		"not a JSON object": noEvent, "member account": half, "Rule none does not exist": noRule, "ResourceNotFoundException": noTargets,
		"Event bus other": noBus, "Limit 101": badLimit, "NextToken": badToken, "Entries: 0": nothing, "does not implement PutRule": unknown,
	} {
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v, want %q", err, says)
		}
	}
}

func TestTheStateOfARuleSurvivesUntilTheRuleIsChanged(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	keep := func(o *eventbridge.Options) { o.Dir = dir }
	call := func(bus *eventbridge.Bus, operation string) string {
		answer, err := bus.Call(t.Context(), operation, []byte(`{"Name":"it"}`))
		if err != nil {
			t.Fatal(err)
		}
		text, _ := json.Marshal(answer)
		return string(text)
	}
	bus := open(t, make(functions), keep)
	declare(t, bus, rule("it", `{"source":["s"]}`))
	for range 2000 { // enough for the journal to be rewritten
		call(bus, "EnableRule")
	}
	call(bus, "DisableRule")
	for range 2 {
		if err := bus.Close(); err != nil {
			t.Fatal(err)
		}
		bus = open(t, make(functions), keep)
		declare(t, bus, rule("it", `{"source":["s"]}`))
		if got := call(bus, "DescribeRule"); !strings.Contains(got, `"DISABLED"`) {
			t.Error(got)
		}
	}
	declare(t, bus, rule("it", `{"source":["other"]}`))
	if got := call(bus, "DescribeRule"); !strings.Contains(got, `"ENABLED"`) {
		t.Error(got)
	}
}
