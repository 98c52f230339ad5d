package asl_test

import (
	"strings"
	"testing"

	"delfos/infra/local/stepfunctions/asl"
)

const facts = `{"text":"foo.log","empty":"","number":20.0,"whole":9007199254740993,"yes":true,"no":false,"none":null,"list":[1],"object":{},
	"at":"2026-02-20T01:00:00Z","sameAt":"2026-02-20T02:00:00+01:00","later":"2026-02-20T01:00:00.5Z","date":"2026-02-20","other":"bar","twenty":20,"star":"a*b\\c"}`

func rule(t testing.TB, rule string) *asl.ChoiceRule {
	t.Helper()
	definition := `{"StartAt":"S","States":{"S":{"Type":"Choice","Choices":[` + strings.TrimSuffix(rule, "}") + `,"Next":"T"}]},"T":{"Type":"Succeed"}}}`
	return &parse(t, definition).States["S"].Choices[0]
}

// Each line is an operator, the variable, what it is compared with, and whether it holds.
const comparisons = `
StringEquals text "foo.log" yes
StringEquals text "foo" no
StringEquals number "20" no
StringEquals none "null" no
StringEqualsPath text $.text yes
StringEqualsPath text $.other no
StringEqualsPath text $.number no
StringLessThan other "baz" yes
StringLessThan other "bar" no
StringLessThan number "bar" no
StringLessThanPath other $.text yes
StringLessThanEquals other "bar" yes
StringLessThanEquals other "aaa" no
StringLessThanEqualsPath other $.other yes
StringGreaterThan text "bar" yes
StringGreaterThan text "foo.log" no
StringGreaterThanPath text $.other yes
StringGreaterThanEquals text "foo.log" yes
StringGreaterThanEquals empty "a" no
StringGreaterThanEqualsPath text $.text yes
StringMatches text "*.log" yes
StringMatches text "foo*" yes
StringMatches text "f*o*g" yes
StringMatches text "*" yes
StringMatches text "foo.log" yes
StringMatches text "*.txt" no
StringMatches text "oo*" no
StringMatches text "foo.logfoo.log" no
StringMatches text "foo*o.log" no
StringMatches empty "*" yes
StringMatches empty "" yes
StringMatches star "a\\*b\\\\c" yes
StringMatches text "foo\\*log" no
StringMatches number "*" no
NumericEquals number 20 yes
NumericEquals number 20.5 no
NumericEquals whole 9007199254740993 yes
NumericEquals whole 9007199254740992 no
NumericEquals text 20 no
NumericEquals yes 1 no
NumericEqualsPath number $.twenty yes
NumericEqualsPath number $.text no
NumericLessThan number 20.1 yes
NumericLessThan number 20 no
NumericLessThan number -1 no
NumericLessThan none 1 no
NumericLessThanPath number $.whole yes
NumericLessThanEquals number 20 yes
NumericLessThanEquals number 19 no
NumericLessThanEqualsPath number $.twenty yes
NumericGreaterThan number 19.99 yes
NumericGreaterThan number 20 no
NumericGreaterThanPath whole $.number yes
NumericGreaterThanEquals number 2e1 yes
NumericGreaterThanEquals number 21 no
NumericGreaterThanEqualsPath number $.twenty yes
BooleanEquals yes true yes
BooleanEquals yes false no
BooleanEquals no false yes
BooleanEquals none false no
BooleanEquals text true no
BooleanEqualsPath yes $.yes yes
BooleanEqualsPath yes $.no no
BooleanEqualsPath yes $.text no
TimestampEquals at "2026-02-20T01:00:00Z" yes
TimestampEquals sameAt "2026-02-20T01:00:00Z" yes
TimestampEquals later "2026-02-20T01:00:00Z" no
TimestampEquals text "2026-02-20T01:00:00Z" no
TimestampEqualsPath at $.sameAt yes
TimestampEqualsPath at $.date no
TimestampLessThan at "2026-02-20T01:00:00.1Z" yes
TimestampLessThan at "2026-02-20T01:00:00Z" no
TimestampLessThanPath at $.later yes
TimestampLessThanEquals at "2026-02-20T01:00:00Z" yes
TimestampLessThanEqualsPath later $.at no
TimestampGreaterThan later "2026-02-20T01:00:00Z" yes
TimestampGreaterThan at "2026-02-20T01:00:00Z" no
TimestampGreaterThanPath later $.sameAt yes
TimestampGreaterThanEquals at "2026-02-20T02:00:00+01:00" yes
TimestampGreaterThanEqualsPath at $.later no
IsNull none true yes
IsNull none false no
IsNull text true no
IsNull text false yes
IsPresent none true yes
IsPresent nope true no
IsPresent nope false yes
IsPresent text false no
IsPresent nope.deeper true no
IsNumeric number true yes
IsNumeric text true no
IsNumeric text false yes
IsString text true yes
IsString number true no
IsString none false yes
IsBoolean no true yes
IsBoolean none true no
IsTimestamp at true yes
IsTimestamp sameAt true yes
IsTimestamp date true no
IsTimestamp text false yes
`

func TestComparisons(t *testing.T) {
	t.Parallel()
	scope := asl.Scope{Input: value(t, facts)}
	for line := range strings.Lines(strings.TrimSpace(comparisons)) {
		words := strings.Fields(line)
		operand := words[2]
		if strings.HasPrefix(operand, "$") {
			operand = `"` + operand + `"`
		}
		got, err := rule(t, `{"Variable":"$.`+words[1]+`","`+words[0]+`":`+operand+`}`).Matches(scope)
		if err != nil || got != (words[3] == "yes") {
			t.Errorf("%s: got %t (%v)", strings.TrimSpace(line), got, err)
		}
	}
}

func TestRulesCombine(t *testing.T) {
	t.Parallel()
	const yes, no = `{"Variable":"$.yes","BooleanEquals":true}`, `{"Variable":"$.yes","BooleanEquals":false}`
	const fails = `{"Variable":"$.nope","IsNull":true}`
	for combined, want := range map[string]bool{
		`{"And":[` + yes + `,` + yes + `]}`: true, `{"And":[` + yes + `,` + no + `]}`: false, `{"And":[` + no + `,` + fails + `]}`: false,
		`{"Or":[` + no + `,` + yes + `]}`: true, `{"Or":[` + no + `,` + no + `]}`: false, `{"Or":[` + yes + `,` + fails + `]}`: true,
		`{"Not":` + yes + `}`: false, `{"Not":` + no + `}`: true, `{"Not":{"Or":[{"And":[` + yes + `]},` + no + `]}}`: false,
		`{"Comment":"c","And":[{"Comment":"c","Variable":"$.yes","BooleanEquals":true}]}`: true,
		// The usual guard: what is not there is not compared.
		`{"And":[{"Variable":"$.nope","IsPresent":true},` + fails + `]}`: false,
	} {
		got, err := rule(t, combined).Matches(asl.Scope{Input: value(t, facts)})
		if err != nil || got != want {
			t.Errorf("%s: got %t (%v)", combined, got, err)
		}
	}
}

func TestARuleReadsTheContextAndVariables(t *testing.T) {
	t.Parallel()
	scope := asl.Scope{Context: map[string]any{"Execution": map[string]any{"RedriveCount": 1}}, Variables: map[string]any{"tried": 0}}
	got, err := rule(t, `{"Variable":"$$.Execution.RedriveCount","NumericGreaterThanPath":"$tried"}`).Matches(scope)
	if err != nil || !got {
		t.Error(got, err)
	}
}

func TestAVariableThatIsNotThereFailsTheState(t *testing.T) {
	t.Parallel()
	scope := asl.Scope{Input: value(t, facts)}
	_, err := rule(t, `{"Not":{"Or":[{"And":[{"Variable":"$.nope.x","StringEquals":"a"}]}]}}`).Matches(scope)
	checkRuntimeError(t, err, asl.ErrorRuntime, "Invalid path '$.nope.x': The choice state's condition path references an invalid value.")
	_, err = rule(t, `{"Variable":"$.text","StringEqualsPath":"$.nope"}`).Matches(scope)
	checkRuntimeError(t, err, asl.ErrorRuntime, "Invalid path '$.nope'")
}
