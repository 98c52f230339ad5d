package graph

import (
	"errors"
	"fmt"
	"strings"
)

// machine is a state machine, or what a Map or a branch of a Parallel holds.
type machine struct {
	startAt string
	states  []*state // in the definition's order, each name once
}

// state is one state as it is drawn.
type state struct {
	name, kind, comment string
	detail              string // what a Task calls, how a Map runs
	ends                bool
	targets             []target
	inner               []*machine
}

// target is a transition.
type target struct {
	name  string
	label string // of a Choice's rule, or a Catch's errors
	kind  edgeKind
}

type edgeKind string

const (
	edgeNext   edgeKind = "next"
	edgeChoice edgeKind = "choice"
	edgeCatch  edgeKind = "catch"
)

func parse(definition []byte) (*machine, error) {
	decoded, err := decode(definition)
	if err != nil {
		return nil, fmt.Errorf("read the state machine's definition: %w", err)
	}
	m := readMachine(decoded)
	if len(m.states) == 0 {
		return nil, errors.New("read the state machine's definition: States is missing or empty")
	}
	return m, nil
}

func readMachine(o object) *machine {
	m := &machine{startAt: o.text("StartAt")}
	states, _ := o.get("States").(object)
	seen := map[string]bool{}
	for _, each := range states {
		body, ok := states.get(each.name).(object)
		if !ok || seen[each.name] {
			continue
		}
		seen[each.name] = true
		m.states = append(m.states, readState(each.name, body))
	}
	return m
}

func readState(name string, o object) *state {
	s := &state{name: name, kind: o.text("Type"), comment: o.text("Comment")}
	ends, _ := o.get("End").(bool)
	s.ends = ends || s.kind == "Succeed" || s.kind == "Fail"
	if next := o.text("Next"); next != "" {
		s.targets = append(s.targets, target{next, "", edgeNext})
	}
	for _, rule := range o.list("Choices") {
		s.targets = append(s.targets, target{rule.text("Next"), condition(rule, 0), edgeChoice})
	}
	if otherwise := o.text("Default"); otherwise != "" {
		s.targets = append(s.targets, target{otherwise, "otherwise", edgeChoice})
	}
	for _, catcher := range o.list("Catch") {
		s.targets = append(s.targets, target{catcher.text("Next"), catches(catcher), edgeCatch})
	}
	for _, name := range []string{"ItemProcessor", "Iterator"} {
		if processor, ok := o.get(name).(object); ok {
			s.inner = append(s.inner, readMachine(processor))
			s.detail = mapDetail(processor)
		}
	}
	for _, branch := range o.list("Branches") {
		s.inner = append(s.inner, readMachine(branch))
	}
	if s.kind == "Task" {
		s.detail = taskDetail(o)
	}
	return s
}

// catches names the errors that are caught.
func catches(catcher object) string {
	values, _ := catcher.get("ErrorEquals").([]any)
	var names []string
	for _, value := range values {
		if name, ok := value.(string); ok {
			names = append(names, name)
		}
	}
	if len(names) == 1 && names[0] == "States.ALL" {
		return "any error"
	}
	return strings.Join(names, ", ")
}

func mapDetail(processor object) string {
	if config, ok := processor.get("ProcessorConfig").(object); ok && config.text("Mode") == "DISTRIBUTED" {
		return "distributed"
	}
	return ""
}

// taskDetail is the name of the function that a Task invokes, or else its resource.
func taskDetail(o object) string {
	called := o.text("Resource")
	if strings.HasPrefix(called, "arn:aws:states:::lambda:invoke") {
		parameters, _ := o.get("Parameters").(object)
		if function := parameters.text("FunctionName"); function != "" {
			called = function
		}
	}
	called = strings.TrimSuffix(called, ":$LATEST")
	if _, name, ok := strings.Cut(called, ":function:"); ok {
		return name
	}
	return strings.TrimPrefix(called, "arn:aws:states:::")
}
