package explorer_test

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"delfos/shared/bearer"
	"delfos/shared/console/explorer"
	"delfos/shared/console/site"
	"delfos/shared/console/site/sitetest"
	"delfos/shared/partition"
	"delfos/shared/pipeline"
	"delfos/shared/source"
)

// fake is a source with a sample each minute of ten days, but for one hour of each.
type fake struct {
	down, empty bool
	asked       []string // "start end variable…"
}

func (f *fake) Extent(context.Context) (pipeline.Extent, error) {
	if f.down {
		return pipeline.Extent{}, &pipeline.UnavailableError{What: "the source API", Cause: errors.New("refused")}
	}
	extent := pipeline.Extent{Variables: source.Variables()}
	if !f.empty {
		extent.First, extent.Last = time.Date(2026, 2, 20, 0, 0, 0, 0, time.UTC), time.Date(2026, 3, 1, 23, 59, 0, 0, time.UTC)
	}
	return extent, nil
}

func (f *fake) Samples(_ context.Context, window partition.Span, variables []string) (pipeline.Samples, error) {
	f.asked = append(f.asked, window.Start.Format(time.RFC3339)+" "+window.End.Format(time.RFC3339)+" "+strings.Join(variables, " "))
	s := pipeline.Samples{Values: make([][]float64, len(variables))}
	for at := window.Start; at.Before(window.End); at = at.Add(time.Minute) {
		if at.Hour() == 5 {
			continue
		}
		s.Times = append(s.Times, at)
		for i := range variables {
			s.Values[i] = append(s.Values[i], 8+math.Sin(float64(at.Unix())))
		}
	}
	return s, nil
}

func show(t *testing.T, f *fake, target string, status int) string {
	t.Helper()
	lisbon, err := time.LoadLocation("Europe/Lisbon")
	if err != nil {
		t.Fatal(err)
	}
	s := site.New(site.Options{Asset: "turbine-1", Secret: bearer.Fixed("secret"), Location: lisbon, Logger: slog.New(slog.DiscardHandler)})
	mux := http.NewServeMux()
	explorer.Register(mux, s, f, "https://api.example.com/")
	w := httptest.NewRecorder()
	s.Handler(mux).ServeHTTP(w, httptest.NewRequest(http.MethodGet, target, nil))
	if w.Code != status {
		t.Errorf("%s: status %d, want %d", target, w.Code, status)
	}
	sitetest.Clean(t, w.Body.String())
	return w.Body.String()
}

func has(t *testing.T, page string, wanted ...string) {
	t.Helper()
	for _, want := range wanted {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}

func TestWithoutAQueryTheLastDayIsPlotted(t *testing.T) {
	t.Parallel()
	f := &fake{}
	page := show(t, f, "/api", http.StatusOK)
	has(t, page, `href="https://api.example.com/docs"`, `href="https://api.example.com/openapi.json"`, "Wind speed", "kW", "°C",
		`value="2026-03-01T00:00"`, `value="2026-03-02T00:00"`, "mean, min and max of 5 minutes", `aria-current="true">Day<`)
	want := []string{"2026-03-01T00:00:00Z 2026-03-02T00:00:00Z wind_speed power ambient_temperature"}
	if diff := cmp.Diff(want, f.asked); diff != "" {
		t.Error(diff)
	}
	if size := len(page); size > 400_000 {
		t.Errorf("the page has %d bytes", size)
	}
}

func TestAWindowIsThatOfThePartitionsZone(t *testing.T) {
	t.Parallel()
	f := &fake{}
	page := show(t, f, "/api?variables=power&start=2026-07-01T00:00&end=2026-07-01T02:00", http.StatusOK)
	if diff := cmp.Diff([]string{"2026-06-30T23:00:00Z 2026-07-01T01:00:00Z power"}, f.asked); diff != "" {
		t.Error(diff)
	}
	has(t, page, "120 samples of 1 variable", "start=2026-06-30T23%3A00%3A00Z", "$TOKEN")
	if strings.Contains(page, "mean, min and max") {
		t.Error("single samples are told as means")
	}
}

func TestAWrongWindowIsToldAtItsField(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		query string
		want  []string
	}{
		"no time":          {"start=yesterday", []string{"&#34;yesterday&#34; is no time", `id="start-problem"`}},
		"backwards":        {"start=2026-02-21&end=2026-02-20", []string{"The end has to be after the start.", `id="end-problem"`, `value="2026-02-21"`}},
		"too long":         {"start=2026-02-20&end=2026-03-24", []string{"at most 31 days"}},
		"unknown variable": {"variables=power&variables=<b>", []string{"The source has no &#34;&lt;b&gt;&#34;; it has wind_speed, power, ambient_temperature."}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := &fake{}
			has(t, show(t, f, "/api?"+test.query, http.StatusUnprocessableEntity), test.want...)
			if len(f.asked) != 0 {
				t.Errorf("the source was asked for %v", f.asked)
			}
		})
	}
}

func TestALongWindowStaysAPageOfUsefulSize(t *testing.T) {
	t.Parallel()
	page := show(t, &fake{}, "/api?start=2026-02-01&end=2026-03-04", http.StatusOK)
	if size := len(page); size > 500_000 {
		t.Errorf("the page has %d bytes", size)
	}
	has(t, page, "mean, min and max of 2 hours")
}

func TestTheDocumentationIsLinkedAlsoWhenTheSourceIsDown(t *testing.T) {
	t.Parallel()
	has(t, show(t, &fake{down: true}, "/api", http.StatusOK), "The source API does not answer", "Try again", `href="https://api.example.com/docs"`)
}

func TestASourceWithoutSamplesSaysSo(t *testing.T) {
	t.Parallel()
	f := &fake{empty: true}
	has(t, show(t, f, "/api", http.StatusOK), "The source has no samples yet")
	if len(f.asked) != 0 {
		t.Errorf("the source was asked for %v", f.asked)
	}
}
