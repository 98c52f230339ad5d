package asl_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"delfos/infra/local/stepfunctions/asl"
)

func TestATemplateIsFilledIn(t *testing.T) {
	t.Parallel()
	scope := asl.Scope{
		Input:     value(t, `{"flagged":7,"vals":[0,10,20],"map":{"x":"y"}}`),
		Context:   map[string]any{"Execution": map[string]any{"Name": "run"}},
		Variables: map[string]any{"v": "w"},
	}
	for _, c := range []struct{ template, want string }{
		// The specification's example, "Payload Template".
		{
			`{"flagged":true,"parts":{"first.$":"$.vals[0]","last3.$":"$.vals[-2:]"},"weirdness.$":"$$.Execution.Name","formattedOutput.$":"States.Format('today is {}', $.flagged)"}`,
			`{"flagged":true,"parts":{"first":0,"last3":[10,20]},"weirdness":"run","formattedOutput":"today is 7"}`,
		},
		{`{"a":[{"b.$":"$.map.x"},["$.map",{"c.$":"$v"}],1]}`, `{"a":[{"b":"y"},["$.map",{"c":"w"}],1]}`},
		{`{"Comment":"stays","a.$x":"$.map"}`, `{"Comment":"stays","a.$x":"$.map"}`},
		{`{"all.$":"$","ctx.$":"$$"}`, `{"all":{"flagged":7,"vals":[0,10,20],"map":{"x":"y"}},"ctx":{"Execution":{"Name":"run"}}}`},
		{`{".$":"$.flagged"}`, `{"":7}`},
		{`{}`, `{}`},
		{`[1,{"a.$":"$.flagged"}]`, `[1,{"a":7}]`},
		{`"constant"`, `"constant"`},
		{`null`, `null`},
	} {
		got, err := template(t, c.template).Evaluate(scope)
		if err != nil {
			t.Errorf("%s: %v", c.template, err)
			continue
		}
		checkValue(t, got, c.want)
	}
}

func TestATemplatesPathThatLeadsNowhereFails(t *testing.T) {
	t.Parallel()
	scope := asl.Scope{Input: value(t, `{"a":[1]}`), Context: map[string]any{}}
	for parameters, want := range map[string]string{
		`{"x":{"value.$":"$.no"}}`:                 `The JSONPath '$.no' specified for the field 'value.$' could not be found in the input '{"a":[1]}'`,
		`{"value.$":"$$.Execution.no"}`:            `The JSONPath '$$.Execution.no' specified for the field 'value.$' could not be found in the input '{}'`,
		`{"list":[{"f.$":"States.Array($.no)"}]}`:  `The JSONPath '$.no' specified for the field 'f.$' could not be found in the input '{"a":[1]}'`,
		`{"list":[{"f.$":"States.Array($none)"}]}`: `The variable $none has not been assigned: '$none' specified for the field 'f.$'`,
	} {
		_, err := template(t, parameters).Evaluate(scope)
		if diff := cmp.Diff(&asl.RuntimeError{Name: asl.ErrorRuntime, Cause: want}, err); diff != "" {
			t.Error(diff)
		}
	}
}

func TestATemplateLeavesItsConstantsAlone(t *testing.T) {
	t.Parallel()
	filled := template(t, `{"constant":{"a":[1]},"x.$":"$.x"}`)
	for range 2 {
		got, err := filled.Evaluate(asl.Scope{Input: value(t, `{"x":1}`)})
		if err != nil {
			t.Fatal(err)
		}
		checkValue(t, got, `{"constant":{"a":[1]},"x":1}`)
		got.(map[string]any)["x"] = "changed"
	}
}
