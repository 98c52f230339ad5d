package asl_test

import (
	"fmt"
	"strings"
	"testing"

	"delfos/infra/local/stepfunctions/asl"
)

// payload has the members of a backfill's plan, with ten years of days.
func payload(t testing.TB) any {
	t.Helper()
	days := make([]string, 3653)
	for i := range days {
		days[i] = fmt.Sprintf(`{"partition":"2026-02-20","outcome":%q,"tries":%d}`, []string{"materialized", "failed"}[i%2], i%4)
	}
	return value(t, `{"plan":{"limits":{"max":4},"days":[`+strings.Join(days, ",")+`]}}`)
}

func BenchmarkPath(b *testing.B) {
	for name, path := range map[string]string{
		"definite": `$.plan.days[17].partition`,
		"wildcard": `$.plan.days[*].partition`,
		"filter":   `$.plan.days[?(@.outcome == 'failed' && @.tries > 1)].partition`,
		"descent":  `$..partition`,
	} {
		b.Run(name, func(b *testing.B) {
			parsed, scope := inputPath(b, path), asl.Scope{Input: payload(b)}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := parsed.Evaluate(scope); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// An item of a Distributed Map fills in its selector and its task's parameters.
func BenchmarkTemplate(b *testing.B) {
	filled := template(b, `{"FunctionName":"etl","Payload":{"partition.$":"$$.Map.Item.Value","trigger":"backfill","backfill_id.$":"$$.Execution.Name","max.$":"States.MathAdd($.plan.limits.max, 1)"}}`)
	scope := asl.Scope{Input: payload(b), Context: map[string]any{
		"Map": map[string]any{"Item": map[string]any{"Value": "2026-02-20"}}, "Execution": map[string]any{"Name": "run"},
	}}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := filled.Evaluate(scope); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParse(b *testing.B) {
	definition := read(b, "whole.json")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := asl.Parse(definition); err != nil {
			b.Fatal(err)
		}
	}
}
