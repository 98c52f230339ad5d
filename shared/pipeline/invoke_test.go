package pipeline_test

import (
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/jackc/pgx/v5/pgxpool"

	"delfos/shared/bearer"
	"delfos/shared/partition"
	"delfos/shared/pipeline"
	"delfos/shared/status"
)

// A second try would be a second run of the day.
func TestAnInvocationThatFailsOnTheWayIsNotTriedAgain(t *testing.T) {
	t.Parallel()
	var invocations atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		invocations.Add(1)
		w.WriteHeader(http.StatusInternalServerError)
	}))
	t.Cleanup(server.Close)
	first := partition.MustParseKey("2026-02-20")
	calendar, err := partition.NewCalendar("UTC", first)
	if err != nil {
		t.Fatal(err)
	}
	p, err := pipeline.New(pipeline.Options{
		Config: aws.Config{Region: "eu-west-1", BaseEndpoint: &server.URL, Credentials: credentials.NewStaticCredentialsProvider("any", "any", "")},
		Asset:  "turbine-1", Variables: []string{"power"}, Calendar: calendar,
		Etl: "etl", Planner: "planner", StateMachineARN: "arn:aws:states:eu-west-1:000000000000:stateMachine:backfill",
		Tables:    status.Tables{Partitions: "partitions", Runs: "runs", Backfills: "backfills"},
		SourceURL: server.URL, SourceToken: bearer.Fixed("hush"), Target: &pgxpool.Pool{},
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Materialize(t.Context(), ana, first, false); err == nil || invocations.Load() != 1 {
		t.Errorf("%d invocations: %v", invocations.Load(), err)
	}
}
