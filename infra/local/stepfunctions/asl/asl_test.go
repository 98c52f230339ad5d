package asl_test

import (
	"encoding/json"
	"errors"
	"strings"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"delfos/infra/local/stepfunctions/asl"
)

// value reads JSON as the package wants it.
func value(t rapid.TB, text string) any {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var decoded any
	if err := decoder.Decode(&decoded); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return decoded
}

func text(t rapid.TB, value any) string {
	t.Helper()
	encoded, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(encoded)
}

// checkValue compares by JSON, with numbers as they are written.
func checkValue(t rapid.TB, got any, want string) {
	t.Helper()
	if diff := cmp.Diff(value(t, want), value(t, text(t, got))); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// machineOf has one state, S, of the given fields.
func machineOf(fields string) string {
	return `{"StartAt":"S","States":{"S":{` + fields + `}}}`
}

func parse(t rapid.TB, definition string) *asl.Machine {
	t.Helper()
	machine, err := asl.Parse([]byte(definition))
	if err != nil {
		t.Fatalf("%s\n%v", definition, err)
	}
	return machine
}

// problems are what is wrong with a definition; it fails for one that is right.
func problems(t rapid.TB, definition string) []asl.Problem {
	t.Helper()
	machine, err := asl.Parse([]byte(definition))
	var known *asl.DefinitionError
	if !errors.As(err, &known) || machine != nil || len(known.Problems) == 0 {
		t.Fatalf("%s\ngives %v, want a DefinitionError", definition, err)
	}
	return known.Problems
}

// checkRuntimeError compares an error's name, and looks for a part of its cause.
func checkRuntimeError(t rapid.TB, err error, name, cause string) {
	t.Helper()
	var known *asl.RuntimeError
	if !errors.As(err, &known) || known.Name != name || !strings.Contains(known.Cause, cause) {
		t.Errorf("got %v, want %s: %s", err, name, cause)
	}
}

// inputPath is a path as InputPath has it.
func inputPath(t rapid.TB, path string) *asl.Path {
	t.Helper()
	return parse(t, machineOf(`"Type":"Succeed","InputPath":`+text(t, path))).States["S"].InputPath
}

// template is one as a Pass state's Parameters.
func template(t rapid.TB, parameters string) *asl.Template {
	t.Helper()
	return parse(t, machineOf(`"Type":"Pass","End":true,"Parameters":`+parameters)).States["S"].Parameters
}
