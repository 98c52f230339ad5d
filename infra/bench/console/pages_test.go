// Package console measures the console: how long its pages take with ten years of days,
// and what it costs to be watched.
package console

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"syscall"
	"testing"
	"time"

	"delfos/infra/local/pipelinetest"
	"delfos/infra/local/postgres/postgrestest"
	"delfos/shared/backfill"
	"delfos/shared/bearer"
	"delfos/shared/console"
	"delfos/shared/console/site"
	"delfos/shared/partition"
	"delfos/shared/pipeline"
	"delfos/shared/status"
)

func TestMain(m *testing.M) { postgrestest.Main(m) }

const (
	days = 3653
	runs = 10_000
	// heaviest is what the calendar of all days may weigh, compressed.
	heaviest = 300 << 10
)

// BenchmarkPagesOfTenYears asks the console's handler for every page and every live
// part, with ten years of days and 10,000 runs in DynamoDB: each within 100 ms, and the
// calendar within 300 KB compressed. The local services answer within the same process,
// so the times and the CPU time are theirs as well.
func BenchmarkPagesOfTenYears(b *testing.B) {
	w := pipelinetest.New(b, days)
	w.FillStatus(b, runs)
	handler := newHandler(w, nil)
	for _, page := range pages(b, w) {
		b.Run(page.name, func(b *testing.B) { page.measure(b, handler) })
	}
}

// newHandler is the console of a world, by a clock; nil is the real one.
func newHandler(w *pipelinetest.World, clock func() time.Time) http.Handler {
	return console.New(console.Options{
		Site: site.Options{
			Asset: pipelinetest.Asset, Location: w.Calendar.Location(), Secret: bearer.Fixed("a secret for benchmarks"),
			Logger: slog.New(slog.DiscardHandler), Now: clock,
		},
		Pipeline: w.Pipeline,
	})
}

// page is what is asked for, and at most how much may be sent.
type page struct {
	name, path string
	most       int // in bytes; 0 is any
}

// pages are all that there are, of a day and a run as any and of a backfill that is over.
func pages(b *testing.B, w *pipelinetest.World) []page {
	b.Helper()
	some := partition.Days(w.Day(100), w.Day(140))
	w.FillSource(b, some...)
	plan, err := w.Pipeline.Plan(b.Context(), backfill.Request{From: some[0], To: some[len(some)-1], Select: backfill.SelectAll, MaxConcurrency: 8})
	if err != nil {
		b.Fatal(err)
	}
	if _, err := w.Pipeline.Launch(b.Context(), pipeline.Actor{Name: "bench", Via: "test"}, plan.Request, "bench"); err != nil {
		b.Fatal(err)
	}
	w.AwaitEnd(b, "bench", 1)
	newest, err := w.Pipeline.Runs(b.Context(), pipeline.RunFilter{}, pipeline.Page{})
	if err != nil {
		b.Fatal(err)
	}
	failed, err := w.Pipeline.Runs(b.Context(), pipeline.RunFilter{Outcome: status.OutcomeFailed}, pipeline.Page{})
	if err != nil {
		b.Fatal(err)
	}
	day := "/partitions/" + some[3].String()
	month := w.Day(1000).String()[:7]
	return []page{
		{"overview", "/", 0},
		{"overview-part", "/overview/part", 0},
		{"calendar", "/partitions", heaviest},
		{"calendar-part", "/partitions/live", 0},
		{"calendar-month", "/partitions?month=" + month, heaviest},
		{"calendar-all-selected", fmt.Sprintf("/partitions?from=%s&to=%s", w.First, w.Last), heaviest},
		{"calendar-filtered", "/partitions?attempt=failed", heaviest},
		{"day", day, 0},
		{"day-part", day + "/live", 0},
		{"day-curves", day + "/curves", 0},
		{"runs", "/runs", 0},
		{"runs-part", "/runs/fragment", 0},
		{"runs-failed", "/runs?outcome=failed", 0},
		{"run", "/runs/" + newest.Runs[0].ID, 0},
		{"run-failed", "/runs/" + failed.Runs[0].ID, 0},
		{"backfills", "/backfills", 0},
		{"backfill", "/backfills/bench", 0},
		{"backfill-part", "/backfills/bench/fragment", 0},
		{"backfill-new", "/backfills/new", 0},
		{"schedules", "/schedules", 0},
		{"schedules-part", "/schedules/fragment", 0},
		{"api", "/api?variables=wind_speed&variables=power&start=" + some[3].String() + "T00:00&end=" + some[4].String() + "T00:00", 0},
		{"not-found", "/nothing", 0},
	}
}

// measure asks as a browser does. The median says how long it takes; the CPU time says
// it on a machine that does other work too.
func (p page) measure(b *testing.B, handler http.Handler) {
	var taken []time.Duration
	var sent int
	before := cpu(b)
	for b.Loop() {
		r := httptest.NewRequestWithContext(b.Context(), http.MethodGet, p.path, nil)
		r.Header.Set("Accept-Encoding", "gzip")
		w := httptest.NewRecorder()
		began := time.Now()
		handler.ServeHTTP(w, r)
		taken = append(taken, time.Since(began))
		if sent = w.Body.Len(); w.Code != http.StatusOK && p.path != "/nothing" {
			b.Fatalf("%s: %d: %s", p.path, w.Code, w.Body)
		}
	}
	if p.most > 0 && sent > p.most {
		b.Errorf("%s sends %d bytes compressed; want at most %d", p.path, sent, p.most)
	}
	slices.Sort(taken)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(taken[len(taken)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric((cpu(b)-before).Seconds()*1000/float64(len(taken)), "cpu-ms")
	b.ReportMetric(float64(sent)/1024, "KiB-gzip")
}

// cpu is the time that this process has computed.
func cpu(b *testing.B) time.Duration {
	b.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
