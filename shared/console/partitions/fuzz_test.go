package partitions_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
)

// Whatever an address holds, the answer is a page: the one asked for, or one that
// helps; never a fault of ours.
func FuzzTheCalendarsAddress(f *testing.F) {
	for _, query := range []string{
		"", "month=2026-02", "from=2026-02-20&to=2026-03-10", "from=2026-03-10&to=2026-02-20", "data=missing&attempt=none",
		"from=2026-02-20&plan=all&order=newest&max_concurrency=3", "day=2026-02-20", "month=0000-00", "from=%ff", "to=9999-12-31", "a=b;c",
	} {
		f.Add(query)
	}
	c := newConsole(f, "Europe/Lisbon", "2026-02-20", "2026-03-10")
	f.Fuzz(func(t *testing.T, query string) {
		for _, path := range []string{"/partitions", "/partitions/live"} {
			r := httptest.NewRequest(http.MethodGet, path, nil)
			r.URL.RawQuery = query
			w := httptest.NewRecorder()
			c.handler.ServeHTTP(w, r)
			switch w.Code {
			case http.StatusOK, http.StatusBadRequest, http.StatusSeeOther, http.StatusRequestURITooLong:
			default:
				t.Errorf("%s?%s: status %d", path, query, w.Code)
			}
			if found := unsafe.FindString(w.Body.String()); found != "" {
				t.Errorf("%s?%s: the page has %q", path, query, found)
			}
		}
	})
}

func FuzzADaysAddress(f *testing.F) {
	for _, day := range []string{"2026-02-20", "2026-02-30", "0001-01-01", "9999-12-31", "live", "", "..", "<script>", "%2f", "2026-02-20/", "\x00"} {
		f.Add(day)
	}
	c := newConsole(f, "Europe/Lisbon", "2026-02-20", "2026-03-10")
	f.Fuzz(func(t *testing.T, day string) {
		r := httptest.NewRequest(http.MethodGet, "/partitions/x", nil)
		r.URL.Path, r.URL.RawPath = "/partitions/"+day, "/partitions/"+url.PathEscape(day)
		w := httptest.NewRecorder()
		c.handler.ServeHTTP(w, r)
		if w.Code >= http.StatusInternalServerError {
			t.Errorf("%q: status %d", day, w.Code)
		}
		if found := unsafe.FindString(w.Body.String()); found != "" {
			t.Errorf("%q: the page has %q", day, found)
		}
	})
}
