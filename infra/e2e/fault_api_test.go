package e2e

import (
	"io"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"
)

// answers of a source API in trouble, by what the trouble is.
func (d *deployment) apiTroubles() map[string]http.HandlerFunc {
	status := func(code int, fields ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			for i := 0; i < len(fields); i += 2 {
				w.Header().Set(fields[i], fields[i+1])
			}
			http.Error(w, http.StatusText(code), code)
		}
	}
	return map[string]http.HandlerFunc{
		"dies amid a page": func(w http.ResponseWriter, r *http.Request) {
			body := d.realPage(w, r)
			w.Header().Set("Content-Length", strconv.Itoa(len(body)))
			_, _ = io.WriteString(w, body[:len(body)/2])
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		},
		"sends half a body": func(w http.ResponseWriter, r *http.Request) {
			body := d.realPage(w, r)
			w.Header().Set("Content-Length", strconv.Itoa(len(body)/2))
			_, _ = io.WriteString(w, body[:len(body)/2])
		},
		"sends garbage": func(w http.ResponseWriter, r *http.Request) {
			body := d.realPage(w, r)
			w.Header().Del("Content-Length")
			_, _ = io.WriteString(w, strings.Repeat("\x00\xffgarbage[{", len(body)/16))
		},
		"does not speak HTTP": func(w http.ResponseWriter, _ *http.Request) {
			conn, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				panic(err)
			}
			_, _ = io.WriteString(conn, "garbage\r\n\r\n")
			_ = conn.Close()
		},
		"answers 500":                       status(http.StatusInternalServerError),
		"answers 429":                       status(http.StatusTooManyRequests, "Retry-After", "1"),
		"answers 503 and asks for too long": status(http.StatusServiceUnavailable, "Retry-After", "600"),
		"stalls":                            func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		"stalls amid a page": func(w http.ResponseWriter, r *http.Request) {
			body := d.realPage(w, r)
			_, _ = io.WriteString(w, body[:len(body)/2])
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		},
	}
}

// realPage asks the real API, and passes its header on.
func (d *deployment) realPage(w http.ResponseWriter, r *http.Request) string {
	response, body, err := d.api.forward(r, nil)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	maps.Copy(w.Header(), response.Header)
	w.Header().Del("Connection")
	return string(body)
}

// forTheFirst has a handler answer the first n calls of a name; all for n below 0,
// all names for "".
func forTheFirst(n int, name string, handler http.HandlerFunc) fault {
	return func(called string, call int) http.HandlerFunc {
		if (name == "" || called == name) && (n < 0 || call <= n) {
			return handler
		}
		return nil
	}
}

func TestATroubleOfTheSourceAPIThatPassesIsSeenOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i, test := range []struct {
		trouble string
		times   int
		least   time.Duration // that it takes, by the API's word
	}{
		{"dies amid a page", 2, 0},
		{"sends half a body", 2, 0},
		{"sends garbage", 2, 0},
		{"does not speak HTTP", 2, 0},
		{"answers 500", 3, 0},
		{"answers 429", 2, 2 * time.Second},
		{"stalls", 1, 0}, // for an attempt's ten seconds
		{"stalls amid a page", 1, 0},
	} {
		t.Run(test.trouble, func(t *testing.T) {
			t.Parallel()
			d := w.deploy(t, dateOf(i), settings{})
			want := w.write(t, d.date, 1)
			d.api.breaks(forTheFirst(test.times, "data", d.apiTroubles()[test.trouble]))
			o := d.mustInvoke(t)
			d.succeededAs(t, o)
			d.holds(t, d.date, want)
			if asked := d.api.asked("data"); asked != test.times+1 {
				t.Errorf("the page was asked for %d times, want %d", asked, test.times+1)
			}
			if o.took < test.least {
				t.Errorf("it took %s; want at least %s", o.took, test.least)
			}
		})
	}
}

func TestATroubleOfTheSourceAPIThatStaysFailsTheRunInTime(t *testing.T) {
	t.Parallel()
	const timeout = 6 * time.Second
	w := newWorld(t)
	day := 0
	for trouble := range (*deployment)(nil).apiTroubles() {
		date := dateOf(day)
		day++
		t.Run(trouble, func(t *testing.T) {
			t.Parallel()
			d := w.deploy(t, date, settings{timeout: timeout})
			before := w.write(t, date, 1)
			d.publish(t)
			after := w.write(t, date, 2)
			d.api.breaks(forTheFirst(-1, "data", d.apiTroubles()[trouble]))
			o := d.mustInvoke(t)
			d.failedAs(t, o, "SourceUnavailable")
			d.holds(t, date, before)
			if o.took >= timeout {
				t.Errorf("it took %s of the function's %s", o.took, timeout)
			}
			d.api.breaks(nil)
			d.publish(t)
			d.holds(t, date, after)
		})
	}
}
