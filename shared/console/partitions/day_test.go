package partitions_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"delfos/shared/pipeline"
	"delfos/shared/status"
)

func TestADayShowsWhatIsPublishedOfIt(t *testing.T) {
	t.Parallel()
	c := newConsole(t, "Europe/Lisbon", "2026-02-20", "2026-03-10")
	c.fake.put(status.DataMaterialized, status.AttemptSucceeded, "2026-02-20", "2026-02-21", "2026-02-22")
	page := c.get("/partitions/2026-02-21", http.StatusOK)
	holds(t, page,
		"<h1>Saturday, 21 February 2026</h1>", "24 h of Europe/Lisbon",
		`id="curve-wind-speed"`, "Wind speed", ", m/s", "No data 02:00–02:10 (10 min)", "10-minute windows",
		"Coverage", "100 %", "1,440", "1,152", "f1ng3r", "RUN2026-02-21",
		`id="around-rows"`, `id="around-coverage"`, `id="around-duration"`, `aria-label="2026-02-21: 27 ms, materialized"`,
		"delfos materialize --partition 2026-02-21",
		`href="/partitions/2026-02-20" data-previous`, `href="/partitions/2026-02-22" data-next`,
		`data-log="/partitions/2026-02-21/logs/RUN2026-02-21"`, `href="/partitions?month=2026-02" data-up`, "Run again")
	lacks(t, page, "Clocks go", "was never tried")
}

func TestTheEndsOfTheRangeHaveNoNeighbour(t *testing.T) {
	t.Parallel()
	c := newConsole(t, "UTC", "2026-02-20", "2026-03-10")
	lacks(t, c.get("/partitions/2026-02-20", http.StatusOK), "data-previous")
	lacks(t, c.get("/partitions/2026-03-10", http.StatusOK), "data-next")
}

func TestADayOfAnotherLengthSaysWhy(t *testing.T) {
	t.Parallel()
	c := newConsole(t, "Europe/Lisbon", "2026-02-20", "2026-11-10")
	c.fake.put(status.DataMaterialized, status.AttemptSucceeded, "2026-03-29", "2026-10-25")
	holds(t, c.get("/partitions/2026-03-29", http.StatusOK), "23 h of", "Clocks go forward", "clocks go forward 1 h")
	holds(t, c.get("/partitions/2026-10-25", http.StatusOK), "25 h of", "an hour comes twice", "clocks go back 1 h")
}

func TestADayThatIsNotAsItShouldBeSaysWhatToDo(t *testing.T) {
	t.Parallel()
	c := newConsole(t, "UTC", "2026-02-20", "2026-03-10")
	c.fake.put(status.DataMissing, status.AttemptFailed, "2026-02-21")
	c.fake.put(status.DataMaterialized, status.AttemptFailed, "2026-02-22")
	c.fake.put(status.DataStale, status.AttemptSucceeded, "2026-02-23")
	c.fake.put(status.DataMaterialized, status.AttemptRunning, "2026-02-24")
	c.fake.put(status.DataWaived, status.AttemptNone, "2026-02-25")
	waived := c.fake.days[key("2026-02-25")]
	waived.WaivedReason = "gearbox <replaced>"
	c.fake.days[key("2026-02-25")] = waived
	for day, wants := range map[string][]string{
		"2026-02-20": {"This day has no data and was never tried", "Nothing is published of this day", "No run yet", "Waive the day", "Materialize"},
		"2026-02-21": {"EmptyPartition", "the source has &lt;no&gt; sample", "The day has no data", "waive the day; to publish it empty"},
		"2026-02-22": {"EmptyPartition", "The data of before is as good as it was", "curve-wind-speed"},
		"2026-02-23": {"The source has changed since this day was read"},
		"2026-02-24": {"A run holds this day", "/runs/RUN2026-02-24", "disabled"},
		"2026-02-25": {"Waived:", "gearbox &lt;replaced&gt;", "/partitions/2026-02-25/unwaive"},
	} {
		t.Run(day, func(t *testing.T) {
			t.Parallel()
			holds(t, c.another(t).get("/partitions/"+day, http.StatusOK), wants...)
		})
	}
}

func TestADayThatIsNoneGetsAPageThatHelps(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, zone, path string
		wants            []string
	}{
		{"before the first", "UTC", "/partitions/2010-02-20", []string{"before the first partition", "The pipeline begins with 2011-12-20", `href="/partitions/2011-12-20"`}},
		{"not over", "UTC", "/partitions/2012-01-11", []string{"is not over yet", "2012-01-12 00:00:00", `href="/partitions/2012-01-10"`}},
		{"skipped", "Pacific/Apia", "/partitions/2011-12-30", []string{"did not happen", "Pacific/Apia skipped this day"}},
		{"no day", "UTC", "/partitions/2012-02-30", []string{"This is no day", "YYYY-MM-DD", `href="/partitions/2012-01-10"`}},
		{"no date", "UTC", "/partitions/yesterday", []string{"This is no day", "&#34;yesterday&#34;"}},
		{"markup", "UTC", "/partitions/%3Cscript%3E", []string{"&lt;script&gt;"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			c := newConsole(t, tc.zone, "2011-12-20", "2012-01-10")
			holds(t, c.get(tc.path, http.StatusNotFound), tc.wants...)
			c.get(tc.path+"/live", http.StatusNotFound)
			c.get(tc.path+"/curves", http.StatusNotFound)
			c.get(tc.path+"/logs/RUN", http.StatusNotFound)
		})
	}
}

func TestADaysPageStandsWithoutItsCurves(t *testing.T) {
	t.Parallel()
	c := newConsole(t, "UTC", "2026-02-20", "2026-03-10")
	c.fake.put(status.DataMaterialized, status.AttemptSucceeded, "2026-02-20")
	c.fake.curves = &pipeline.UnavailableError{What: "the target", Cause: errors.New("no route to <host>")}
	holds(t, c.get("/partitions/2026-02-20", http.StatusOK), "The curves could not be read", "no route to &lt;host&gt;", "f1ng3r")
}

func TestALogIsTextAndSaysWhenItIsWhole(t *testing.T) {
	t.Parallel()
	c := newConsole(t, "UTC", "2026-02-20", "2026-03-10")
	holds(t, c.get("/partitions/2026-02-20/logs/RUN1", http.StatusOK), "&lt;b&gt;bold&lt;/b&gt;", "log__line--ERROR", "<i>rows</i>=3", "data-final")
	c.get("/partitions/2026-02-20/logs/gone", http.StatusNotFound)
}

func TestADaysLivePartIsNotSentAgainWhereNothingChanged(t *testing.T) {
	t.Parallel()
	c := newConsole(t, "UTC", "2026-02-20", "2026-03-10")
	c.fake.put(status.DataMaterialized, status.AttemptSucceeded, "2026-02-20")
	for _, part := range []string{"live", "curves"} {
		path := "/partitions/2026-02-20/" + part
		first := c.do(httptest.NewRequest(http.MethodGet, path, nil))
		again := httptest.NewRequest(http.MethodGet, path, nil)
		again.Header.Set("If-None-Match", first.Header.Get("ETag"))
		if answer := c.do(again); answer.StatusCode != http.StatusNotModified {
			t.Errorf("%s: status %d, want 304", path, answer.StatusCode)
		}
	}
}

func BenchmarkADay(b *testing.B) {
	c := newConsole(b, "UTC", "2026-02-20", "2026-03-10")
	c.fake.put(status.DataMaterialized, status.AttemptSucceeded, "2026-02-20", "2026-02-21", "2026-02-22")
	for b.Loop() {
		c.get("/partitions/2026-02-21", http.StatusOK)
	}
}
