package console

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"delfos/infra/local/pipelinetest"
)

// pollEvery is how often a browser asks for the overview's part.
const pollEvery = 5 * time.Second

// BenchmarkWatchedOverview lets one browser, and twenty, watch the overview of ten years
// of days and 10,000 runs: it tells the CPU time of a poll, with that of the services, by
// a clock of its own that goes on between polls as for browsers that ask in turns.
func BenchmarkWatchedOverview(b *testing.B) {
	w := pipelinetest.New(b, days)
	w.FillStatus(b, runs)
	for _, browsers := range []int{1, 20} {
		b.Run(fmt.Sprintf("browsers=%d", browsers), func(b *testing.B) {
			now := w.Now()
			handler := newHandler(w, func() time.Time { return now })
			ask(b, handler)
			before := cpu(b)
			for b.Loop() {
				now = now.Add(pollEvery / time.Duration(browsers))
				ask(b, handler)
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric((cpu(b)-before).Seconds()*1000/float64(b.N), "cpu-ms/poll")
		})
	}
}

func ask(b *testing.B, handler http.Handler) {
	b.Helper()
	r := httptest.NewRequestWithContext(b.Context(), http.MethodGet, "/overview/part", nil)
	r.Header.Set("Accept-Encoding", "gzip")
	answer := httptest.NewRecorder()
	if handler.ServeHTTP(answer, r); answer.Code != http.StatusOK {
		b.Fatalf("%d: %s", answer.Code, answer.Body)
	}
}
