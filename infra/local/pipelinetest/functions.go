package pipelinetest

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/oklog/ulid/v2"

	"delfos/infra/local/lambda"
	"delfos/shared/backfill"
	"delfos/shared/backfill/report"
	"delfos/shared/bearer"
	"delfos/shared/etl"
	"delfos/shared/partition"
	"delfos/shared/source"
	"delfos/shared/target"
	"delfos/shared/telemetry"
)

// functions are the functions' real handlers, called in this process.
type functions struct {
	world  *World
	client *source.Client
	byName map[string]func(ctx context.Context, requestID string, payload []byte) (any, error)

	running sync.WaitGroup

	mu    sync.Mutex
	holds map[partition.Key]*Hold
}

func (w *World) newFunctions(t testing.TB) *functions {
	t.Helper()
	client, err := source.NewClient(source.ClientOptions{BaseURL: w.api.URL, Token: bearer.Fixed(token), HTTPClient: &http.Client{}})
	if err != nil {
		t.Fatal(err)
	}
	f := &functions{world: w, client: client, holds: map[partition.Key]*Hold{}}
	quiet := slog.New(slog.DiscardHandler)
	plan := backfill.Handler(&backfill.Planner{
		Asset: Asset, Variables: source.VariableNames()[:2], Calendar: w.Calendar, Status: w.Status, Source: client, Now: w.Now, Logger: quiet,
	})
	reports := report.Handler(&report.Reporter{Asset: Asset, Status: w.Status, Now: w.Now, Logger: quiet})
	f.byName = map[string]func(context.Context, string, []byte) (any, error){
		Etl:      f.etl,
		Planner:  func(ctx context.Context, _ string, payload []byte) (any, error) { return plan(ctx, payload) },
		Reporter: func(ctx context.Context, _ string, payload []byte) (any, error) { return reports(ctx, payload) },
	}
	return f
}

// etl runs a partition, and logs it as Lambda would.
func (f *functions) etl(ctx context.Context, requestID string, payload []byte) (any, error) {
	request, err := etl.ParseEvent(payload, f.world.Calendar)
	if err != nil {
		return nil, err
	}
	stream := request.Partition.String() + "/[$LATEST]" + requestID
	log := lines{f.world, stream}
	log.platform("platform.start", requestID, nil)
	defer log.platform("platform.report", requestID, map[string]any{"durationMs": 12.5})
	runner := &etl.Runner{
		Settings: etl.Settings{
			Asset: Asset, Variables: source.VariableNames()[:2], Calendar: f.world.Calendar,
			Window: 10 * time.Minute, SampleInterval: time.Minute, Lease: time.Minute, RunRetention: 24 * time.Hour,
		},
		Source: held{f}, Target: target.New(f.world.Target), Status: f.world.Status,
		Now: f.world.Now, NewRunID: func() string { return ulid.MustNew(ulid.Timestamp(f.world.Now()), ulid.DefaultEntropy()).String() },
		Logger: telemetry.NewLogger(log, slog.LevelInfo),
	}
	return runner.Run(ctx, request, etl.Origin{LogGroup: EtlLogs, LogStream: stream, RequestID: requestID})
}

// lines writes what a run logs.
type lines struct {
	world  *World
	stream string
}

// Write appends one record of the logger.
func (l lines) Write(line []byte) (int, error) {
	return len(line), l.world.Logs.Append(EtlLogs, l.stream, l.world.Now(), strings.TrimRight(string(line), "\n"))
}

func (l lines) platform(kind, requestID string, metrics map[string]any) {
	line, err := json.Marshal(map[string]any{
		"time": l.world.Now().UTC().Format(time.RFC3339Nano), "type": kind,
		"record": map[string]any{"requestId": requestID, "metrics": metrics},
	})
	if err == nil {
		_, err = l.Write(line)
	}
	if err != nil {
		panic(err) // the logs are in this process
	}
}

// Invoke runs a function by its name or ARN.
func (f *functions) Invoke(ctx context.Context, request lambda.Request) (lambda.Response, error) {
	name := request.Function[strings.LastIndexByte(request.Function, ':')+1:]
	handler, ok := f.byName[name]
	if !ok {
		return lambda.Response{}, fmt.Errorf("there is no function %s", name)
	}
	f.running.Add(1)
	defer f.running.Done()
	response := lambda.Response{StatusCode: http.StatusOK, RequestID: uuid.NewString()}
	answer, err := handler(ctx, response.RequestID, request.Payload)
	if err != nil {
		response.FunctionError = "Unhandled"
		answer = map[string]string{"errorType": reflect.Indirect(reflect.ValueOf(err)).Type().Name(), "errorMessage": err.Error()}
	}
	response.Payload, err = json.Marshal(answer)
	return response, err
}

// ServeHTTP answers Invoke. As on AWS, a function whose caller has gone goes on.
func (f *functions) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimSuffix(strings.TrimPrefix(r.URL.Path, "/2015-03-31/functions/"), "/invocations")
	payload, err := io.ReadAll(r.Body)
	var response lambda.Response
	if err == nil {
		response, err = f.Invoke(context.WithoutCancel(r.Context()), lambda.Request{Function: name, Payload: payload})
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("X-Amzn-Requestid", response.RequestID)
	if response.FunctionError != "" {
		w.Header().Set("X-Amz-Function-Error", response.FunctionError)
	}
	_, _ = w.Write(response.Payload) // the client may have gone
}
