package pipeline_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/jackc/pgx/v5/pgxpool"

	"delfos/shared/bearer"
	"delfos/shared/partition"
	"delfos/shared/pipeline"
	"delfos/shared/status"
)

// A client that a template could reach would be linked whole.
func TestNoClientOfAWSIsReachedFromAPipeline(t *testing.T) {
	t.Parallel()
	calendar, err := partition.NewCalendar("UTC", partition.MustParseKey("2026-02-20"))
	if err != nil {
		t.Fatal(err)
	}
	p, err := pipeline.New(pipeline.Options{
		Asset: "turbine-1", Variables: []string{"power"}, Calendar: calendar,
		Etl: "etl", Planner: "planner", StateMachineARN: "arn:aws:states:us-east-1:000000000000:stateMachine:backfill",
		Tables:    status.Tables{Partitions: "partitions", Runs: "runs", Backfills: "backfills"},
		SourceURL: "http://source", SourceToken: bearer.Fixed("hush"), Target: &pgxpool.Pool{},
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		from any
		want string
	}{
		"a pipeline": {p, ""},
		"a client":   {struct{ client any }{&sfn.Client{}}, "sfn.Client"},
	} {
		if have := clientFrom(reflect.ValueOf(test.from), map[place]bool{}); have != test.want {
			t.Errorf("from %s one reaches %q; want %q", name, have, test.want)
		}
	}
}

// place is where a pointer points; a struct and its first field have the same address.
type place struct {
	of      reflect.Type
	address uintptr
}

// clientFrom is the type of the first client that is reached; empty where none is.
func clientFrom(v reflect.Value, seen map[place]bool) string {
	switch v.Kind() {
	case reflect.Pointer:
		here := place{v.Type(), v.Pointer()}
		if v.IsNil() || seen[here] {
			return ""
		}
		seen[here] = true
		return clientFrom(v.Elem(), seen)
	case reflect.Interface:
		if v.IsNil() {
			return ""
		}
		return clientFrom(v.Elem(), seen)
	case reflect.Struct:
		if strings.HasPrefix(v.Type().PkgPath(), "github.com/aws/aws-sdk-go-v2/service/") && v.Type().Name() == "Client" {
			return v.Type().String()
		}
		for _, field := range v.Fields() {
			if found := clientFrom(field, seen); found != "" {
				return found
			}
		}
	default: // a function keeps what it has to itself
	}
	return ""
}
