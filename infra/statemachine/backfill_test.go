// Package statemachine_test holds the backfill's definition against what it orchestrates.
package statemachine_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"delfos/infra/local/stepfunctions/asl"
)

const definition = "backfill.asl.json"

// substituted is the definition with the ARNs of functions that template.yaml gives it.
func substituted(t testing.TB) []byte {
	t.Helper()
	text, err := os.ReadFile(definition)
	if err != nil {
		t.Fatal(err)
	}
	for _, function := range []string{"PlanBackfill", "Etl", "ReportBackfill"} {
		arn := "arn:aws:lambda:us-east-1:000000000000:function:" + function
		text = bytes.ReplaceAll(text, []byte("${"+function+"FunctionArn}"), []byte(arn))
	}
	return text
}

func read(t testing.TB) *asl.Machine {
	t.Helper()
	machine, err := asl.Parse(substituted(t))
	if err != nil {
		t.Fatal(err)
	}
	return machine
}

func TestTheDefinitionRetriesWhatPassesByItselfAndNothingElse(t *testing.T) {
	t.Parallel()
	kinds := kindsOf(t, "../../shared/etl/errors.go")
	for _, kind := range []string{"Transient", "Busy", "Permanent"} {
		if !slices.Contains(slices.Collect(maps.Values(kinds)), kind) {
			t.Fatalf("no error of the etl is %s; there are %v", kind, kinds)
		}
	}
	retried := map[string]string{}
	for _, name := range retriedBy(read(t).States["Partitions"].Processor.States["Materialize"]) {
		if kind, isEtls := kinds[name]; isEtls {
			retried[name] = kind
		} else if !isAWSs(name) {
			t.Errorf("%s is retried, and is neither an error of the etl nor one of AWS's", name)
		}
	}
	wanted := maps.Clone(kinds)
	maps.DeleteFunc(wanted, func(_, kind string) bool { return kind == "Permanent" })
	if diff := cmp.Diff(wanted, retried); diff != "" {
		t.Errorf("the errors that are retried (-wanted +retried):\n%s", diff)
	}
}

func TestThePlanAndTheSummaryRetryWhatPassesByItself(t *testing.T) {
	t.Parallel()
	for state, wanted := range map[string][]string{
		"Plan":    {"SourceUnavailable", "StatusUnavailable"},
		"Summary": {"StatusUnavailable"},
	} {
		ours := slices.DeleteFunc(retriedBy(read(t).States[state]), isAWSs)
		slices.Sort(ours)
		if diff := cmp.Diff(wanted, ours); diff != "" {
			t.Errorf("%s (-wanted +retried):\n%s", state, diff)
		}
	}
}

func retriedBy(state *asl.State) []string {
	var names []string
	for _, retrier := range state.Retry {
		names = append(names, retrier.ErrorEquals...)
	}
	return names
}

// isAWSs tells the names of errors that Lambda and Step Functions give from ours.
func isAWSs(name string) bool {
	return strings.Contains(name, ".")
}

// kindsOf reads from the source which error type is of which kind.
func kindsOf(t testing.TB, path string) map[string]string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), filepath.FromSlash(path), nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string]string{}
	for _, declared := range file.Decls {
		method, ok := declared.(*ast.FuncDecl)
		if !ok || method.Recv == nil || method.Name.Name != "Kind" {
			continue
		}
		receiver := method.Recv.List[0].Type.(*ast.StarExpr).X.(*ast.Ident).Name
		kinds[receiver] = method.Body.List[0].(*ast.ReturnStmt).Results[0].(*ast.Ident).Name
	}
	return kinds
}

func TestEveryTaskOutlastsItsFunction(t *testing.T) {
	t.Parallel()
	timeouts := functionTimeouts(t)
	machine := read(t)
	for function, state := range map[string]*asl.State{
		"PlanBackfillFunction":   machine.States["Plan"],
		"EtlFunction":            machine.States["Partitions"].Processor.States["Materialize"],
		"ReportBackfillFunction": machine.States["Summary"],
	} {
		if state.TimeoutSeconds == nil || *state.TimeoutSeconds <= timeouts[function] {
			t.Errorf("%s times out after %v s, and %s after %d s: the function is to be the first", state.Name, state.TimeoutSeconds, function, timeouts[function])
		}
	}
}

// functionTimeouts are those of template.yaml, in seconds.
func functionTimeouts(t testing.TB) map[string]int64 {
	t.Helper()
	golden, err := os.ReadFile("../local/template/testdata/system.golden.json") // it is held against template.yaml there
	if err != nil {
		t.Fatal(err)
	}
	var system struct {
		Functions []struct {
			LogicalID string
			Timeout   int64 // nanoseconds
		}
	}
	if err := json.Unmarshal(golden, &system); err != nil {
		t.Fatal(err)
	}
	timeouts := map[string]int64{}
	for _, function := range system.Functions {
		timeouts[function.LogicalID] = function.Timeout / 1e9
	}
	if len(timeouts) == 0 {
		t.Fatal(fmt.Errorf("%s has no functions", golden))
	}
	return timeouts
}
