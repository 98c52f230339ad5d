package asl_test

import (
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"

	"delfos/infra/local/stepfunctions/asl"
)

func FuzzParse(f *testing.F) {
	for _, name := range []string{"bad.json", "whole.json", "spec/choice.json", "spec/errors.json", "spec/map.json"} {
		f.Add(string(read(f, name)))
	}
	f.Fuzz(func(t *testing.T, definition string) {
		machine, err := asl.Parse([]byte(definition))
		if err == nil {
			checkTransitions(t, machine)
			return
		}
		var known *asl.DefinitionError
		if !errors.As(err, &known) || machine != nil || len(known.Problems) == 0 {
			t.Fatalf("got %v", err)
		}
		for _, p := range known.Problems {
			if p.Code == "" || p.Message == "" {
				t.Errorf("a problem says nothing: %+v", p)
			}
		}
	})
}

// checkTransitions holds of every machine that is accepted: the start and every next state
// are there, so that an engine need not ask.
func checkTransitions(t *testing.T, machine *asl.Machine) {
	t.Helper()
	check := func(name string) {
		if name != "" && machine.States[name] == nil {
			t.Errorf("there is no state %q", name)
		}
	}
	if machine.States[machine.StartAt] == nil {
		t.Errorf("there is no state %q to start at", machine.StartAt)
	}
	for _, state := range machine.States {
		check(state.Next)
		check(state.Default)
		for _, rule := range state.Choices {
			check(rule.Next)
		}
		for _, catcher := range state.Catch {
			check(catcher.Next)
		}
		for _, branch := range state.Branches {
			checkTransitions(t, branch)
		}
		if state.Type == asl.Map {
			checkTransitions(t, state.Processor)
		}
	}
}

// fuzzed reads a document with numbers as they are written; ok is false for what is none.
func fuzzed(text string) (decoded any, ok bool) {
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	return decoded, decoder.Decode(&decoded) == nil
}

func FuzzPath(f *testing.F) {
	for _, path := range []string{
		`$.store.book[?(@.price < 10 && !(@.isbn =~ /0.*/i))].title`, `$..price`, `$['name', 'ok']`, `$.a[1:-1][0,2]`, `$..*..*..*..*..*..*`, `$$.a`, `$v.a`, `$.\.x`,
		`$[?(@.a in [1,"x",null,true])]`, `$.store.*[?(@ == $.limit || 'a' != @)]`,
	} {
		f.Add(path, document)
	}
	f.Add(`$`, strings.Repeat("[", 5000)+strings.Repeat("]", 5000))
	f.Fuzz(func(t *testing.T, path, input string) {
		decoded, ok := fuzzed(input)
		if !ok {
			return
		}
		quoted, err := json.Marshal(path)
		if err != nil {
			return
		}
		machine, err := asl.Parse([]byte(machineOf(`"Type":"Pass","End":true,"InputPath":` + string(quoted))))
		if err != nil {
			return
		}
		_, err = machine.States["S"].InputPath.Evaluate(asl.Scope{Input: decoded, Variables: map[string]any{"v": decoded}})
		if known := (*asl.RuntimeError)(nil); err != nil && (!errors.As(err, &known) || known.Cause == "") {
			t.Errorf("got %v", err)
		}
		// What is a Reference Path too gives one place, which can be put into.
		machine, err = asl.Parse([]byte(machineOf(`"Type":"Pass","End":true,"ResultPath":` + string(quoted))))
		if err != nil {
			return
		}
		reference := machine.States["S"].ResultPath
		changed, err := reference.Put(decoded, "put")
		if got, there := reference.Get(changed); err == nil && (!there || got != "put") {
			t.Errorf("got %v %t", got, there)
		}
	})
}

func FuzzTemplate(f *testing.F) {
	content, err := os.ReadFile("intrinsic_test.go")
	if err != nil {
		f.Fatal(err)
	}
	for line := range strings.Lines(string(content)) {
		if source, _, ok := strings.Cut(strings.TrimPrefix(strings.TrimSpace(line), "{`States."), "`, "); ok && strings.HasPrefix(strings.TrimSpace(line), "{`States.") {
			f.Add("States." + source)
		}
	}
	f.Fuzz(func(t *testing.T, source string) {
		quoted, err := json.Marshal(source)
		if err != nil {
			return
		}
		machine, err := asl.Parse([]byte(machineOf(`"Type":"Pass","End":true,"Parameters":[{"f.$":` + string(quoted) + `}]`)))
		if err != nil {
			return
		}
		scope := scope(t)
		filled, err := machine.States["S"].Parameters.Evaluate(scope)
		if err != nil {
			if known := (*asl.RuntimeError)(nil); !errors.As(err, &known) || known.Cause == "" {
				t.Errorf("got %v", err)
			}
		} else if _, err := json.Marshal(filled); err != nil {
			t.Errorf("%s gives what is no JSON: %v", source, err)
		}
		checkValue(t, scope.Input, arguments)
	})
}
