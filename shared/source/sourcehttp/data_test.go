package sourcehttp_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"delfos/shared/source/sourcehttp"
)

func TestDataIsABareArrayInTimeOrderWithNullForWhatIsNotFinite(t *testing.T) {
	t.Parallel()
	api := newAPI(t, sourcehttp.Options{})
	api.exec(t, `INSERT INTO data VALUES
		('2026-02-20T00:00:02.5Z', 'NaN', 'Infinity', '-Infinity'),
		('2026-02-20T00:00:00Z', 8.25, '-0', 1e21),
		('2026-02-20T00:00:01.000001Z', NULL, 0.1, 1e-7),
		('2026-02-19T23:59:59.999999Z', 1, 1, 1),
		('2026-02-21T00:00:00Z', 1, 1, 1)`)
	api.everyWay(t, func(t *testing.T, way ask) {
		got := way.get(t, "/data?"+window+"&variables=power&variables=wind_speed&variables=ambient_temperature")
		want := `[{"timestamp":"2026-02-20T00:00:00Z","power":-0,"wind_speed":8.25,"ambient_temperature":1e+21},` +
			`{"timestamp":"2026-02-20T00:00:01.000001Z","power":0.1,"wind_speed":null,"ambient_temperature":1e-07},` +
			`{"timestamp":"2026-02-20T00:00:02.5Z","power":null,"wind_speed":null,"ambient_temperature":null}]`
		if string(got.body) != want || got.status != 200 {
			t.Errorf("status %d\n got %s\nwant %s", got.status, got.body, want)
		}
		for name, want := range map[string]string{
			"Content-Type": "application/json", "Cache-Control": "private, no-cache", "Vary": "Authorization",
			"Content-Length": fmt.Sprint(len(want)), "Link": "",
		} {
			if got := got.header.Get(name); got != want {
				t.Errorf("%s = %q, want %q", name, got, want)
			}
		}
		if empty := way.get(t, "/data?start=2020-01-01&end=2020-01-02"+power); string(empty.body) != "[]" || empty.status != 200 {
			t.Errorf("a window without samples: status %d, %s; want []", empty.status, empty.body)
		}
	})
}

func TestAClientOfTheOriginalAPIWorksUnchanged(t *testing.T) {
	t.Parallel()
	api := newAPI(t, sourcehttp.Options{})
	api.minutes(t)
	got := ask(api.overHTTP).get(t, "/data?start=2026-02-20+00:00:00&end=2026-02-20%2000:02:00&variables=wind_speed&variables=power")
	var rows []struct {
		Timestamp time.Time
		WindSpeed float64 `json:"wind_speed"`
		Power     float64
	}
	if err := json.Unmarshal(got.body, &rows); err != nil || len(rows) != 2 || rows[0].WindSpeed != 8 || rows[0].Power != 900 {
		t.Errorf("rows = %v, %v from %s", rows, err, got.body)
	}
}

func TestTheSameWindowInAnyNotationIsTheSameAnswer(t *testing.T) {
	t.Parallel()
	api := newAPI(t, sourcehttp.Options{})
	api.minutes(t)
	way := ask(api.overHTTP)
	want := way.get(t, "/data?"+window+power)
	for _, other := range []string{
		"start=2026-02-20T00:00:00Z&end=2026-02-21T00:00:00Z",
		"start=2026-02-20T00:00:00&end=2026-02-21+00:00:00",
		"start=2026-02-20T01:00:00%2B01:00&end=2026-02-20T19:30:00-04:30",
		"start=2026-02-20+00:00:00.000000&end=2026-02-20T23:59:00.000001Z",
		"&&start=2026%2D02-20&&end=2026-02-21&limit=20000&",
	} {
		if got := way.get(t, "/data?"+other+power); !bytes.Equal(got.body, want.body) || got.header.Get("ETag") != want.header.Get("ETag") {
			t.Errorf("%s: status %d, %d bytes; want the %d bytes of the plain day", other, got.status, len(got.body), len(want.body))
		}
	}
}

// follow reads all pages from a target on.
func follow(t testing.TB, way ask, target string) (pages []reply, rows []map[string]any) {
	t.Helper()
	for target != "" {
		got := way.get(t, target)
		if got.status != http.StatusOK {
			t.Fatalf("%s: status %d: %s", target, got.status, got.body)
		}
		var page []map[string]any
		if err := json.Unmarshal(got.body, &page); err != nil {
			t.Fatal(err)
		}
		pages, rows = append(pages, got), append(rows, page...)
		target = next(got)
	}
	return pages, rows
}

func next(r reply) string {
	target, _ := strings.CutSuffix(strings.TrimPrefix(r.header.Get("Link"), "<"), `>; rel="next"`)
	return target
}

func TestPagesOfAnySizeMakeUpTheWindow(t *testing.T) {
	t.Parallel()
	api := newAPI(t, sourcehttp.Options{})
	api.minutes(t)
	api.everyWay(t, func(t *testing.T, way ask) {
		whole, want := follow(t, way, dayTarget)
		for limit, count := range map[int]int{1440: 1, 1439: 2, 720: 2, 500: 3} {
			pages, got := follow(t, way, fmt.Sprintf("%s&limit=%d", dayTarget, limit))
			if len(pages) != count {
				t.Errorf("a limit of %d gave %d pages, want %d", limit, len(pages), count)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("rows in pages of %d (-want +got):\n%s", limit, diff)
			}
			if got, want := pages[0].header.Get("ETag"), whole[0].header.Get("ETag"); got != want {
				t.Errorf("a first page of %d has ETag %s, the whole window %s", limit, got, want)
			}
		}
	})
}

func TestAPageEndsBeforeALambdaAnswerWouldBeTooLarge(t *testing.T) {
	t.Parallel()
	api := newAPI(t, sourcehttp.Options{MaxPageBytes: 10_000})
	api.minutes(t)
	pages, rows := follow(t, api.overLambda, dayTarget)
	for _, page := range pages {
		escaped, err := json.Marshal(string(page.body))
		if err != nil || len(escaped) > 10_000 {
			t.Errorf("a page takes %d bytes of a Lambda answer, %v; want at most 10,000", len(escaped), err)
		}
	}
	if len(rows) != 1440 || len(pages) < 10 || len(pages) > 20 {
		t.Errorf("%d rows in %d pages", len(rows), len(pages))
	}
	single := newAPI(t, sourcehttp.Options{MaxPageBytes: 1})
	single.exec(t, "INSERT INTO data VALUES ('2026-02-20Z'), ('2026-02-20T01:00:00Z')")
	if pages, rows := follow(t, single.overHTTP, dayTarget); len(pages) != 2 || len(rows) != 2 {
		t.Errorf("with no room at all: %d rows in %d pages, want one a page", len(rows), len(pages))
	}
}

func TestAFullPageOfTheLongestRowsStaysBelowLambdasLimit(t *testing.T) {
	t.Parallel()
	api := newAPI(t, sourcehttp.Options{})
	api.exec(t, `INSERT INTO data SELECT '2026-02-20T00:00:00.123456Z'::timestamptz + i * interval '1 second',
		-1.2345678901234567e-300, -1.2345678901234567e-300, -1.2345678901234567e-300 FROM generate_series(0, 20000) AS i`)
	got := ask(api.overLambda).get(t, "/data?"+window+"&variables=wind_speed&variables=power&variables=ambient_temperature")
	if rows := strings.Count(string(got.body), "timestamp"); rows < 10_000 || rows > 20_000 || next(got) == "" {
		t.Errorf("%d rows, Link %q", rows, next(got))
	}
}

func TestACursorHoldsForTheQueryThatItCameFromAndNoOther(t *testing.T) {
	t.Parallel()
	api := newAPI(t, sourcehttp.Options{})
	api.minutes(t)
	way := ask(api.overHTTP)
	link, err := url.Parse(next(way.get(t, dayTarget+"&limit=10")))
	if err != nil {
		t.Fatal(err)
	}
	good := link.Query()
	cursor := good.Get("cursor")
	for name, change := range map[string]func(url.Values){
		"another start":     func(q url.Values) { q.Set("start", "2026-02-19") },
		"another end":       func(q url.Values) { q.Set("end", "2026-02-20T12:00:00Z") },
		"fewer variables":   func(q url.Values) { q["variables"] = q["variables"][:1] },
		"another order":     func(q url.Values) { q["variables"] = []string{"power", "wind_speed"} },
		"another limit":     func(q url.Values) { q.Set("limit", "11") },
		"no limit":          func(q url.Values) { q.Del("limit") },
		"another position":  func(q url.Values) { q.Set("cursor", "B"+cursor[1:]) },
		"another signature": func(q url.Values) { q.Set("cursor", cursor[:31]+string(cursor[31]^1)) },
		"a shorter cursor":  func(q url.Values) { q.Set("cursor", cursor[:30]) },
		"a line's end":      func(q url.Values) { q.Set("cursor", cursor+"\n") },
	} {
		query, _ := url.ParseQuery(link.RawQuery)
		change(query)
		if got := way.get(t, "/data?"+query.Encode()); got.status != 422 || problemOf(t, got).Type != "urn:problem-type:delfos:invalid-cursor" {
			t.Errorf("%s: status %d, %s", name, got.status, got.body)
		}
	}
	if got := way.get(t, "/data?"+good.Encode()); got.status != 200 {
		t.Errorf("the cursor itself: status %d, %s", got.status, got.body)
	}
}

func TestAConditionalRequestIs304UntilTheContentChanges(t *testing.T) {
	t.Parallel()
	api := newAPI(t, sourcehttp.Options{})
	api.minutes(t)
	for name, way := range api.ways() {
		pages, _ := follow(t, way, dayTarget+"&limit=1000")
		targets := []string{dayTarget + "&limit=1000", next(pages[0])}
		for i, target := range targets {
			etag := pages[i].header.Get("ETag")
			for condition, status := range map[string]int{
				etag: 304, "W/" + etag: 304, `"a", ` + etag + `, "b"`: 304, "*": 304, `"other"`: 200, strings.Trim(etag, `"`): 200,
			} {
				got := way.get(t, target, "If-None-Match", condition)
				if got.status != status || got.header.Get("ETag") != etag || (len(got.body) > 0) != (status == 200) {
					t.Errorf("%s, page %d: If-None-Match: %s: status %d, ETag %s, %d bytes; want %d with %s",
						name, i, condition, got.status, got.header.Get("ETag"), len(got.body), status, etag)
				}
			}
		}
		api.exec(t, "UPDATE data SET power = power + 1 WHERE timestamp = '2026-02-20T23:59:00Z'")
		for i, target := range targets {
			if got := way.get(t, target, "If-None-Match", pages[i].header.Get("ETag")); got.status != 200 || next(got) != next(pages[i]) {
				t.Errorf("%s, page %d after a change: status %d, Link %q", name, i, got.status, got.header.Get("Link"))
			}
		}
	}
}

func TestTheFingerprintOfOtherVariablesOrAnotherDayIsAnother(t *testing.T) {
	t.Parallel()
	api := newAPI(t, sourcehttp.Options{})
	api.minutes(t)
	seen := map[string]string{}
	for _, target := range []string{
		"/data?" + window + power,
		"/data?" + window + "&variables=wind_speed",
		"/data?" + window + "&variables=power&variables=wind_speed",
		"/data?" + window + "&variables=wind_speed&variables=power",
		"/data?start=2026-02-20&end=2026-02-20T23:59:00Z" + power,
	} {
		etag := ask(api.overHTTP).get(t, target).header.Get("ETag")
		if other, ok := seen[etag]; ok || len(etag) != 34 {
			t.Errorf("%s has ETag %s, as has %s", target, etag, other)
		}
		seen[etag] = target
	}
}

func TestHEADIsGETWithoutTheBody(t *testing.T) {
	t.Parallel()
	api := newAPI(t, sourcehttp.Options{NewRequestID: func() string { return "1" }})
	api.minutes(t)
	api.everyWay(t, func(t *testing.T, way ask) {
		for _, target := range []string{dayTarget, dayTarget + "&limit=7", "/variables", "/data?x=1", "/nothing", "/openapi.json"} {
			get := way.get(t, target)
			head := way(t, http.MethodHead, target, "Authorization", "Bearer "+token)
			get.header.Del("Date")
			head.header.Del("Date")
			if diff := cmp.Diff(get.header, head.header); diff != "" || head.status != get.status || len(head.body) != 0 {
				t.Errorf("%s: status %d, %d bytes, headers (-GET +HEAD):\n%s", target, head.status, len(head.body), diff)
			}
		}
	})
}
