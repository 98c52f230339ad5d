package partitions_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"delfos/shared/console/site"
	"delfos/shared/console/sitetest"
	"delfos/shared/partition"
	"delfos/shared/status"
)

func TestTheCalendarHasACellForEveryDay(t *testing.T) {
	t.Parallel()
	c := newConsole(t, "UTC", "2024-11-15", "2026-03-10")
	c.fake.put(status.DataMaterialized, status.AttemptSucceeded, "2024-11-15")
	c.fake.put(status.DataMaterialized, status.AttemptFailed, "2025-01-01")
	c.fake.put(status.DataMissing, status.AttemptCancelled, "2025-12-31")
	c.fake.put(status.DataWaived, status.AttemptNone, "2026-03-10")
	page := c.get("/partitions", http.StatusOK)
	for _, key := range partition.Days(partition.MustParseKey("2024-11-15"), partition.MustParseKey("2026-03-10")) {
		if !strings.Contains(page, "<a href=/partitions/"+key.String()+" class=") {
			t.Fatalf("%s has no cell", key)
		}
	}
	holds(t, page,
		// The first of a year lies in its weekday's row: a Friday, a Wednesday, a Thursday.
		`<a href=/partitions/2024-11-15 class="m d d5" title="2024-11-15 materialized"></a>`,
		`<a href=/partitions/2025-01-01 class="m f d3" title="2025-01-01 materialized, last attempt failed"></a>`,
		`<a href=/partitions/2025-12-31 class="o c" title="2025-12-31 missing, last attempt cancelled"></a>`,
		`<a href=/partitions/2026-01-01 class="o n d4" title="2026-01-01 missing"></a>`,
		`<a href=/partitions/2026-03-10 class="w n" title="2026-03-10 waived"></a>`,
		"481 days of UTC, 2024-11-15 to 2026-03-10",
		`<h2 id="month-title">March 2026</h2>`,
		`<h3 class="year__name">2026</h3>`)
	if strings.Index(page, `year__name">2026`) > strings.Index(page, `year__name">2024`) {
		t.Error("the newest year is not the first")
	}
}

// In 2024 the 15th of November is in the 46th week that begins on a Monday or has the
// 1st of January.
func TestAYearThatBeginsLateLeavesItsWeeksFree(t *testing.T) {
	t.Parallel()
	holds(t, newConsole(t, "UTC", "2024-11-15", "2024-12-31").get("/partitions", http.StatusOK), `<div class="cells"><i class="w45"></i>`)
	lacks(t, newConsole(t, "UTC", "2024-01-01", "2024-12-31").get("/partitions", http.StatusOK), `<div class="cells"><i`)
}

func TestWhatTheCalendarShowsIsInItsURL(t *testing.T) {
	t.Parallel()
	c := newConsole(t, "UTC", "2026-01-01", "2026-03-10")
	c.fake.put(status.DataMaterialized, status.AttemptSucceeded, "2026-02-03", "2026-02-04")
	c.fake.put(status.DataMissing, status.AttemptFailed, "2026-02-05")
	page := c.get("/partitions?month=2026-01&from=2026-02-04&to=2026-02-06&attempt=failed", http.StatusOK)
	holds(t, page,
		`<h2 id="month-title">January 2026</h2>`,
		"2026-02-04 – 2026-02-06", ">3 days<", "<b>1</b> materialized", "<b>2</b> missing", "<b>1</b> failed last",
		`class="m d sel" title="2026-02-04`, `class="o f sel" title="2026-02-05`, `class="o n sel" title="2026-02-06`,
		`id="years" aria-labelledby="years-title" data-attempt="failed"`,
		"1 day of these whose last attempt failed",
		`data-poll="/partitions/live?month=2026-01&amp;from=2026-02-04&amp;to=2026-02-06&amp;attempt=failed"`,
		`href="/partitions?month=2026-02&amp;from=2026-02-04&amp;to=2026-02-06&amp;attempt=failed"`, // the next month
		`href="/partitions?month=2026-01&amp;attempt=failed"`,                                       // without a selection
		`href="/partitions?month=2026-01&amp;from=2026-02-04&amp;to=2026-02-06"`)                    // without the filter
	lacks(t, page, `class="m d sel" title="2026-02-03`)
}

func TestTheMonthIsTheSelectionsOrElseTheLast(t *testing.T) {
	t.Parallel()
	c := newConsole(t, "UTC", "2026-01-01", "2026-03-10")
	holds(t, c.get("/partitions?to=2026-02-04", http.StatusOK), `<h2 id="month-title">February 2026`, `<h2 id="selection-title">2026-02-04</h2>`)
	page := c.get("/partitions", http.StatusOK)
	holds(t, page, `<h2 id="month-title">March 2026`, `title="2026-03-11 not over yet"`, "Nothing is after this month yet")
	holds(t, c.get("/partitions?month=2026-01", http.StatusOK), "Nothing is before this month")
}

func TestAWrongAddressGetsAPageThatHelps(t *testing.T) {
	t.Parallel()
	c := newConsole(t, "UTC", "2026-01-10", "2026-03-10")
	for query, wants := range map[string][]string{
		"month=2026-13":                     {"is no month", "YYYY-MM"},
		"month=february":                    {"is no month"},
		"month=2025-12":                     {"2025-12 has no partition; they go from 2026-01-10 to 2026-03-10", `href="/partitions?month=2026-01"`},
		"from=2026-02-30&to=2026-03-01":     {"from:", "is no day"},
		"from=2026-03-02&to=2026-03-01":     {"2026-03-01 is before 2026-03-02", `href="/partitions?from=2026-03-01&amp;to=2026-03-02"`},
		"from=2025-01-01&to=2027-03-01":     {"2025-01-01 is no partition", `href="/partitions?from=2026-01-10&amp;to=2026-03-10"`},
		"to=2026-03-11":                     {"2026-03-11 is no partition", `href="/partitions?from=2026-03-10&amp;to=2026-03-10"`},
		"data=lost":                         {"want one of materialized, missing, stale, waived"},
		"attempt=maybe":                     {"want one of succeeded, failed"},
		"plan=everything&from=2026-02-01":   {"want one of missing, failed, stale, all"},
		"plan=all":                          {"by from and to"},
		"from=2026-02-01&max_concurrency=0": {"from 1 to 100"},
		"colour=blue":                       {"knows no such parameter; it knows month, from, to"},
		"day=tomorrow":                      {"YYYY-MM-DD"},
		`data="><script>`:                   {"&gt;&lt;script&gt;"},
	} {
		t.Run(query, func(t *testing.T) {
			t.Parallel()
			page := c.another(t).get("/partitions?"+strings.ReplaceAll(query, `"><`, "%22%3E%3C"), http.StatusBadRequest)
			holds(t, page, append(wants, `href="/partitions"`)...)
			lacks(t, page, "><script>")
		})
	}
	answer := c.do(httptest.NewRequest(http.MethodGet, "/partitions?day=2026-02-03", nil))
	if at := answer.Header.Get("Location"); answer.StatusCode != http.StatusSeeOther || at != "/partitions?month=2026-02&from=2026-02-03&to=2026-02-03" {
		t.Errorf("a jump leads to %d %s", answer.StatusCode, at)
	}
}

func TestTheLivePartTellsAllStatesInALetterEach(t *testing.T) {
	t.Parallel()
	c := newConsole(t, "UTC", "2026-03-01", "2026-03-05")
	c.fake.put(status.DataMaterialized, status.AttemptSucceeded, "2026-03-01")
	c.fake.put(status.DataStale, status.AttemptRunning, "2026-03-02")
	c.fake.put(status.DataWaived, status.AttemptCancelled, "2026-03-05")
	part := c.get("/partitions/live", http.StatusOK)
	holds(t, part, `<data id="codes" value="hpaax" data-first="2026-03-01" data-last="2026-03-05"`)
	lacks(t, part, "<html", `class="cells"`)
}

func TestTheLivePartIsNotSentAgainWhereNothingChanged(t *testing.T) {
	t.Parallel()
	c := newConsole(t, "UTC", "2026-03-01", "2026-03-05")
	first := c.do(httptest.NewRequest(http.MethodGet, "/partitions/live", nil))
	again := httptest.NewRequest(http.MethodGet, "/partitions/live", nil)
	again.Header.Set("If-None-Match", first.Header.Get("ETag"))
	if answer := c.do(again); answer.StatusCode != http.StatusNotModified {
		t.Errorf("status %d, want 304", answer.StatusCode)
	}
}

func TestPartsAreUnchangedAtTheFirstPoll(t *testing.T) {
	t.Parallel()
	c := newConsole(t, "UTC", "2026-03-01", "2026-03-05")
	c.fake.put(status.DataMaterialized, status.AttemptSucceeded, "2026-03-01")
	for page, want := range map[string]int{"/partitions": 1, "/partitions?from=2026-03-02&to=2026-03-03&data=missing": 1, "/partitions/2026-03-01": 2} {
		parts := sitetest.LiveParts(c.get(page, http.StatusOK))
		if len(parts) != want {
			t.Errorf("%s has %d live parts, want %d", page, len(parts), want)
		}
		for _, part := range parts {
			r := httptest.NewRequest(http.MethodGet, part.Path, nil)
			r.Header.Set("If-None-Match", part.Tag)
			if got := c.do(r); got.StatusCode != http.StatusNotModified {
				t.Errorf("%s: the first poll of %s is answered by %d", page, part.Path, got.StatusCode)
			}
		}
	}
}

func TestManyBrowsersCostOneReadASecond(t *testing.T) {
	t.Parallel()
	c := newConsole(t, "UTC", "2026-03-01", "2026-03-05")
	for range 20 {
		c.get("/partitions/live", http.StatusOK)
	}
	if c.fake.reads != 1 {
		t.Errorf("%d reads for 20 polls at one time, want 1", c.fake.reads)
	}
	c.fake.now = c.fake.now.Add(1100 * time.Millisecond)
	c.get("/partitions/live", http.StatusOK)
	if c.fake.reads != 2 {
		t.Errorf("%d reads after a second, want 2", c.fake.reads)
	}
}

func TestADayThatTheZoneSkippedIsNoCell(t *testing.T) {
	t.Parallel()
	c := newConsole(t, "Pacific/Apia", "2011-12-25", "2012-01-05")
	page := c.get("/partitions?month=2011-12", http.StatusOK)
	lacks(t, page, "<a href=/partitions/2011-12-30", `href="/partitions/2011-12-30"`)
	holds(t, page, `<i class="x"></i>`, "the time zone skipped this day", "11 days of Pacific/Apia", `value="aaaaa-aaaaaa"`)
}

func TestBeforeTheFirstDayIsOverThePageSaysSo(t *testing.T) {
	t.Parallel()
	c := newConsole(t, "UTC", "2026-03-01", "2026-02-20")
	holds(t, c.get("/partitions", http.StatusOK), "No day is over yet", "2026-03-02 00:00:00")
	c.get("/partitions/live", http.StatusOK)
}

func TestWhereTheStatusCannotBeReadThePageSaysSo(t *testing.T) {
	t.Parallel()
	c := newConsole(t, "UTC", "2026-03-01", "2026-03-05")
	c.fake.fails = errDown
	holds(t, c.get("/partitions?data=missing", http.StatusServiceUnavailable), "The status tables cannot be reached",
		`href="/partitions?data=missing">Try again</a>`, `href="/partitions" aria-current="page"`)
	c.get("/partitions/live", http.StatusServiceUnavailable)
	c.get("/partitions/2026-03-01", http.StatusServiceUnavailable)
}

func TestAReadOnlyCalendarHasNoActions(t *testing.T) {
	t.Parallel()
	c := newConsole(t, "UTC", "2026-03-01", "2026-03-05", func(o *site.Options) { o.ReadOnly = true })
	for _, path := range []string{"/partitions?from=2026-03-01", "/partitions?from=2026-03-01&plan=all", "/partitions/2026-03-01"} {
		lacks(t, c.get(path, http.StatusOK), `method="post"`)
	}
}

var unsafe = regexp.MustCompile(`(?i)<script[^>]*>[^<]|\sstyle=|\son[a-z]+="|javascript:`)

func TestNoPageHasAnythingInline(t *testing.T) {
	t.Parallel()
	c := newConsole(t, "UTC", "2026-03-01", "2026-03-05")
	c.fake.put(status.DataMaterialized, status.AttemptSucceeded, "2026-03-01")
	c.fake.put(status.DataMissing, status.AttemptFailed, "2026-03-02")
	c.fake.put(status.DataWaived, status.AttemptNone, "2026-03-03")
	c.fake.put(status.DataStale, status.AttemptRunning, "2026-03-04")
	for _, path := range []string{
		"/partitions", "/partitions?from=2026-03-01&to=2026-03-05&plan=all&data=missing", "/partitions/2026-03-01",
		"/partitions/2026-03-02", "/partitions/2026-03-03", "/partitions/2026-03-04", "/partitions/2026-03-05", "/partitions/2026-03-01/logs/RUN",
	} {
		if found := unsafe.FindString(c.get(path, http.StatusOK)); found != "" {
			t.Errorf("%s has %q", path, found)
		}
	}
}

// tenYears is 3,653 days, of which one in 40 is not as it should be.
func tenYears(t testing.TB) *console {
	t.Helper()
	c := newConsole(t, "Europe/Lisbon", "2016-02-20", "2026-02-19")
	states := []status.DataState{status.DataMissing, status.DataStale, status.DataWaived, status.DataMaterialized}
	attempts := []status.AttemptState{status.AttemptFailed, status.AttemptCancelled, status.AttemptRunning, status.AttemptNone}
	for i, key := range partition.Days(partition.MustParseKey("2016-02-20"), partition.MustParseKey("2026-02-19")) {
		data, attempt := status.DataMaterialized, status.AttemptSucceeded
		if i%40 == 7 {
			data, attempt = states[i/40%4], attempts[i/160%4]
		}
		c.fake.put(data, attempt, key.String())
	}
	return c
}

func TestTenYearsOfDaysAreASmallPage(t *testing.T) {
	t.Parallel()
	page := tenYears(t).get("/partitions?from=2016-02-20&to=2026-02-19", http.StatusOK)
	var compressed bytes.Buffer
	w, err := gzip.NewWriterLevel(&compressed, 5)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(w, page)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if got := strings.Count(page, "<a href=/partitions/"); got != 3653 {
		t.Errorf("%d cells, want 3653", got)
	}
	const most = 60_000
	if compressed.Len() > most {
		t.Errorf("the page has %d bytes compressed, want at most %d", compressed.Len(), most)
	}
}

func BenchmarkTenYearsOfDays(b *testing.B) {
	c := tenYears(b)
	for _, path := range []string{"/partitions", "/partitions/live"} {
		b.Run(path, func(b *testing.B) {
			for b.Loop() {
				r := httptest.NewRequest(http.MethodGet, path, nil)
				r.Header.Set("Accept-Encoding", "gzip")
				w := httptest.NewRecorder()
				c.handler.ServeHTTP(w, r)
				if w.Code != http.StatusOK {
					b.Fatal(w.Code)
				}
				b.ReportMetric(float64(w.Body.Len()), "bytes")
			}
		})
	}
}
