package browser

import (
	"context"
	"encoding/json"
	"math"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"delfos/shared/partition"
	"delfos/shared/status"
)

// days lists so many days from the first on.
func days(first string, n int) []string {
	key := partition.MustParseKey(first)
	list := make([]string, n)
	for i := range list {
		list[i] = key.AddDays(i).String()
	}
	return list
}

// published tells whether a day is in the target as it follows from the source: as many
// windows of each signal, with the same sum.
func (w *world) published(t testing.TB, day string) bool {
	t.Helper()
	want := sums(t, w.SourceDSN, `
		SELECT variable || statistic, count(*), sum(value) FROM (
			SELECT variable, avg(x) AS mean, min(x) AS min, max(x) AS max, stddev_samp(x) AS std
			FROM data, LATERAL (VALUES ('wind_speed', wind_speed), ('power', power)) AS v (variable, x)
			WHERE timestamp >= $1::text::timestamptz AND timestamp < $1::text::timestamptz + interval '1 day' AND x IS NOT NULL
			GROUP BY date_bin('10 minutes', timestamp, $1::text::timestamptz), variable
		) AS windows, LATERAL (VALUES ('_mean', mean), ('_min', min), ('_max', max), ('_std', std)) AS s (statistic, value)
		GROUP BY 1`, day)
	got := w.inTarget(t, day)
	if len(got) == 0 {
		return false
	}
	nearly := cmp.Comparer(func(a, b float64) bool { return math.Abs(a-b) <= 1e-9*max(1, math.Abs(a)) })
	if diff := cmp.Diff(want, got, nearly); diff != "" {
		t.Errorf("%s in the target is not what the source has (-want +got):\n%s", day, diff)
	}
	return true
}

// sum is of one signal's windows of a day.
type sum struct {
	Windows int
	Values  float64
}

func (w *world) inTarget(t testing.TB, day string) map[string]sum {
	t.Helper()
	return sums(t, w.TargetDSN, `
		SELECT name, count(*), sum(value) FROM data JOIN signal ON signal.id = signal_id
		WHERE timestamp >= $1::text::timestamptz AND timestamp < $1::text::timestamptz + interval '1 day' GROUP BY name`, day)
}

func sums(t testing.TB, dsn, sql, day string) map[string]sum {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }() // the server has so many, for all tests
	rows, err := conn.Query(t.Context(), sql, day+"T00:00:00Z")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]sum{}
	var name string
	var of sum
	_, err = pgx.ForEachRow(rows, []any{&name, &of.Windows, &of.Values}, func() error { found[name] = of; return nil })
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// allPublished fails the test where a day is not in the target as it should be.
func (w *world) allPublished(t testing.TB, days ...string) {
	t.Helper()
	for _, day := range days {
		if !w.published(t, day) {
			t.Errorf("%s is not in the target", day)
		}
	}
}

// day is a day's record.
func (w *world) day(t testing.TB, day string) status.Partition {
	t.Helper()
	found, err := w.status.Partition(t.Context(), asset, partition.MustParseKey(day))
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// run has the etl run a day, whatever comes of it.
func (w *world) run(t testing.TB, days ...string) {
	t.Helper()
	for _, day := range days {
		_, err := w.lambda.Invoke(t.Context(), &lambda.InvokeInput{
			FunctionName: aws.String(w.Functions["EtlFunction"]), Payload: []byte(`{"partition":"` + day + `"}`),
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// execution is a backfill as Step Functions has it.
func (w *world) execution(t testing.TB, name string) *sfn.DescribeExecutionOutput {
	t.Helper()
	found, err := w.sfn.DescribeExecution(t.Context(), &sfn.DescribeExecutionInput{ExecutionArn: aws.String(w.executionARN(name))})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func (w *world) executionARN(name string) string {
	return "arn:aws:states:us-east-1:000000000000:execution:delfos-backfill:" + name
}

// backfill launches one by the API, as another person would.
func (w *world) backfill(t testing.TB, name, input string) {
	t.Helper()
	_, err := w.sfn.StartExecution(t.Context(), &sfn.StartExecutionInput{StateMachineArn: &w.StateMachineARN, Name: &name, Input: &input})
	if err != nil {
		t.Fatal(err)
	}
}

// succeeded fails the test unless a backfill has materialized just these days.
func (w *world) succeeded(t testing.TB, name string, days ...string) {
	t.Helper()
	found := w.execution(t, name)
	if found.Status != types.ExecutionStatusSucceeded {
		t.Fatalf("%s is %s: %s", name, found.Status, aws.ToString(found.Cause))
	}
	var output struct{ Materialized []string }
	if err := json.Unmarshal([]byte(*found.Output), &output); err != nil {
		t.Fatal(err)
	}
	slices.Sort(output.Materialized)
	if diff := cmp.Diff(days, output.Materialized); diff != "" {
		t.Errorf("%s materialized other days (-want +got):\n%s", name, diff)
	}
}
