package source_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"delfos/shared/bearer"
	"delfos/shared/source"
)

func TestPagesOfAnySizeGiveTheSameRowsAndFingerprint(t *testing.T) {
	t.Parallel()
	api := newFaultyAPI(t)
	whole, _ := api.client(t, source.ClientOptions{})
	want, fingerprint, err := readAll(t.Context(), whole, day)
	if err != nil {
		t.Fatal(err)
	}
	checkDay(t, want)
	rapid.Check(t, func(rt *rapid.T) {
		client, _ := api.client(t, source.ClientOptions{PageRows: rapid.IntRange(144, 2000).Draw(rt, "rows")})
		got, sum, err := readAll(context.Background(), client, day)
		if err != nil || sum != fingerprint {
			rt.Fatalf("fingerprint %s, %v; want %s", sum, err, fingerprint)
		}
		hasher := source.NewHasher(day.Variables)
		hasher.Add(got)
		if hasher.Sum() != fingerprint || got.Len() != want.Len() {
			rt.Errorf("%d rows with the fingerprint %s, want %d with %s", got.Len(), hasher.Sum(), want.Len(), fingerprint)
		}
	})
}

func TestAWindowWithoutSamplesIsOneEmptyPage(t *testing.T) {
	t.Parallel()
	client, _ := newFaultyAPI(t).client(t, source.ClientOptions{})
	query := day
	query.Span.Start, query.Span.End = midnight.AddDate(0, 0, 1), midnight.AddDate(0, 0, 2)
	rows, fingerprint, err := readAll(t.Context(), client, query)
	if err != nil || rows.Len() != 0 || fingerprint != source.NewHasher(query.Variables).Sum() {
		t.Errorf("%d rows, fingerprint %s, %v", rows.Len(), fingerprint, err)
	}
}

func half(body []byte) []byte { return body[:len(body)/2] }

func asBefore(before, _ []byte) int { return len(before) }

func asAfter(_, after []byte) int { return len(after) }

// hangUp closes the connection within the headers. Before them, net/http would try
// again by itself.
func hangUp(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(err)
	}
	_, _ = conn.Write([]byte("HTTP/1.1 200 OK\r\nContent-"))
	_ = conn.Close()
}

// passingFaults are those that another attempt mends.
var passingFaults = map[string]fault{
	"dies in the middle of the body":      rewritten(half, asBefore),
	"half a body, as if whole":            rewritten(half, asAfter),
	"an empty body":                       rewritten(func([]byte) []byte { return nil }, asAfter),
	"garbage":                             answer(200, "<html>Bad Gateway</html>", "ETag", `"0123456789abcdef0123456789abcdef"`),
	"noise in the body":                   rewritten(func(b []byte) []byte { return bytes.Replace(b, []byte(`":`), []byte("\x00\x01"), 3) }, asAfter),
	"closes in the middle of the headers": hangUp,
	"stalls":                              func(_ http.ResponseWriter, r *http.Request, _ http.Handler) { <-r.Context().Done() },
	"408":                                 answer(408, ""),
	"429":                                 answer(429, `{"message":"Too Many Requests"}`),
	"500":                                 answer(500, "oops"),
	"502":                                 answer(502, ""),
	"503":                                 answer(503, `{"type":"x","detail":"the database restarts"}`),
	"504":                                 answer(504, ""),
}

func TestAPassingFaultOnAnyPageIsRetriedAndNoRowComesTwice(t *testing.T) {
	t.Parallel()
	for name, broken := range passingFaults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			policy := source.DefaultRetryPolicy()
			if name == "stalls" {
				policy.AttemptTimeout = 500 * time.Millisecond
			}
			api := newFaultyAPI(t, broken, broken, nil, broken, nil)
			client, waits := api.client(t, source.ClientOptions{PageRows: 500, Retry: policy})
			rows, _, err := readAll(t.Context(), client, day)
			if err != nil {
				t.Fatal(err)
			}
			checkDay(t, rows)
			want := []time.Duration{200 * time.Millisecond, 400 * time.Millisecond, 200 * time.Millisecond}
			if diff := cmp.Diff(want, waits.waits); diff != "" || api.count() != 6 {
				t.Errorf("%d requests, waits (-want +got):\n%s", api.count(), diff)
			}
		})
	}
}

func TestAFaultThatStaysIsUnavailableAfterTheLastAttempt(t *testing.T) {
	t.Parallel()
	for name, broken := range passingFaults {
		if name == "stalls" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := newFaultyAPI(t, broken, broken, broken, broken, broken, broken, broken)
			client, waits := api.client(t, source.ClientOptions{})
			rows, _, err := readAll(t.Context(), client, day)
			var unavailable *source.UnavailableError
			if !errors.As(err, &unavailable) || unavailable.Attempts != 6 || api.count() != 6 || rows.Len() != 0 {
				t.Errorf("after %d requests and %d rows: %v", api.count(), rows.Len(), err)
			}
			want := []time.Duration{200e6, 400e6, 800e6, 1600e6, 3200e6}
			if diff := cmp.Diff(want, waits.waits); diff != "" {
				t.Errorf("waits (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAnAPIThatIsNotThereIsUnavailable(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	waits := &slept{}
	client, err := source.NewClient(source.ClientOptions{
		BaseURL: server.URL, Token: bearer.Fixed(token), Sleep: waits.sleep, Random: func() float64 { return 0.5 },
		Retry: source.RetryPolicy{Attempts: 8, Base: time.Second, Cap: 5 * time.Second, AttemptTimeout: time.Minute},
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.Read(t.Context(), day, nil)
	if !errors.As(err, new(*source.UnavailableError)) || !strings.Contains(err.Error(), "is it running") {
		t.Errorf("Read = %v", err)
	}
	want := []time.Duration{500e6, 1000e6, 2000e6, 2500e6, 2500e6, 2500e6, 2500e6}
	if diff := cmp.Diff(want, waits.waits); diff != "" {
		t.Errorf("waits, half of base 1 s doubled up to 5 s (-want +got):\n%s", diff)
	}
}

func TestRetryAfterIsHonouredInSecondsAndAsADate(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for value, want := range map[string]time.Duration{
		"7": 7 * time.Second,
		now.Add(9 * time.Second).Format(http.TimeFormat): 9 * time.Second,
		now.Add(-time.Hour).Format(http.TimeFormat):      200 * time.Millisecond,
		"0":    200 * time.Millisecond,
		"soon": 200 * time.Millisecond,
		"-5":   200 * time.Millisecond,
	} {
		client, waits := newFaultyAPI(t, answer(429, "", "Retry-After", value)).
			client(t, source.ClientOptions{Now: func() time.Time { return now }})
		if _, _, err := readAll(t.Context(), client, day); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]time.Duration{want}, waits.waits); diff != "" {
			t.Errorf("Retry-After: %s: waits (-want +got):\n%s", value, diff)
		}
	}
}

func TestAWaitThatWouldPassTheDeadlineEndsTheReadingAtOnce(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		deadline   time.Duration // 0 for none
		retryAfter string
		says       string
	}{
		"with a deadline": {30 * time.Second, "40", "the database restarts"},
		"without one":     {0, "3600", "asks to wait 1h0m0s"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx := t.Context()
			if test.deadline > 0 {
				var cancel context.CancelFunc
				ctx, cancel = context.WithTimeout(ctx, test.deadline)
				defer cancel()
			}
			api := newFaultyAPI(t, answer(503, `{"type":"x","detail":"the database restarts"}`, "Retry-After", test.retryAfter))
			client, waits := api.client(t, source.ClientOptions{})
			_, err := client.Read(ctx, day, nil)
			if !errors.As(err, new(*source.UnavailableError)) || !strings.Contains(err.Error(), test.says) || len(waits.waits) != 0 {
				t.Errorf("Read = %v after waits %v", err, waits.waits)
			}
		})
	}
}

func TestAReadingThatIsCancelledSaysSo(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	client, _ := newFaultyAPI(t, func(_ http.ResponseWriter, r *http.Request, _ http.Handler) {
		cancel()
		<-r.Context().Done()
	}).client(t, source.ClientOptions{})
	if _, err := client.Read(ctx, day, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("Read = %v, want context.Canceled within", err)
	}
}

func TestWhatTryingAgainCannotHelpIsNotTriedAgain(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault  fault
		target any
		says   string
	}{
		"401":      {answer(401, `{"type":"t","detail":"the token is not the one"}`), new(*source.UnauthorizedError), "the token is not the one"},
		"404":      {answer(404, "page not found"), new(*source.RejectedError), "Not Found"},
		"422":      {answer(422, `{"type":"t","detail":"limit must be a whole number"}`), new(*source.RejectedError), "limit must be a whole number"},
		"501":      {answer(501, ""), new(*source.RejectedError), "Not Implemented"},
		"204":      {answer(204, ""), new(*source.RejectedError), "No Content"},
		"304":      {answer(304, ""), new(*source.RejectedError), "Not Modified"},
		"redirect": {answer(302, "", "Location", "http://elsewhere.example/data"), new(*source.RejectedError), "Found"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := newFaultyAPI(t, test.fault)
			client, _ := api.client(t, source.ClientOptions{})
			_, err := client.Read(t.Context(), day, nil)
			if !errors.As(err, test.target) || !strings.Contains(err.Error(), test.says) || api.count() != 1 {
				t.Errorf("Read = %v after %d requests; want a %T that says %q after 1", err, api.count(), test.target, test.says)
			}
			if err != nil && strings.Contains(err.Error(), token) {
				t.Errorf("the error shows the token: %v", err)
			}
		})
	}
}

func TestARefusedTokenIsTheSameErrorWhoeverRefusesIt(t *testing.T) {
	t.Parallel()
	for refusal, test := range map[string]struct {
		status int
		body   string
		says   string
	}{
		"of the API itself":             {401, `{"type":"urn:problem-type:delfos:wrong-token","detail":"the token is not the one"}`, "status 401: the token is not the one"},
		"of the gateway, without token": {401, `{"message":"Unauthorized"}`, "status 401: Unauthorized"},
		"of the gateway's authorizer":   {403, `{"message":"Forbidden"}`, "status 403: Forbidden"},
	} {
		t.Run(refusal, func(t *testing.T) {
			t.Parallel()
			api := newFaultyAPI(t, answer(test.status, test.body))
			client, _ := api.client(t, source.ClientOptions{})
			_, err := client.Read(t.Context(), day, nil)
			refused, ok := errors.AsType[*source.UnauthorizedError](err)
			if !ok || refused.Status != test.status || api.count() != 1 {
				t.Fatalf("Read = %v after %d requests; want an UnauthorizedError of status %d after 1", err, api.count(), test.status)
			}
			for _, want := range []string{test.says, "check the secret"} {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("the error %q does not say %q", err, want)
				}
			}
			if strings.Contains(err.Error(), token) {
				t.Errorf("the error shows the token: %v", err)
			}
		})
	}
}

// page is a fault that answers a page of its own.
func page(body string, headers ...string) fault {
	return answer(200, body, append([]string{"ETag", `"0123456789abcdef0123456789abcdef"`}, headers...)...)
}

func sampleOf(minute int) string {
	return fmt.Sprintf(`{"timestamp":%q,"wind_speed":1,"power":2}`, midnight.Add(time.Duration(minute)*time.Minute).Format(time.RFC3339))
}

func TestDataThatBreaksTheContractIsInvalid(t *testing.T) {
	t.Parallel()
	const link = `</data?x=1>; rel="next"`
	for name, test := range map[string]struct {
		faults []fault
		says   string
	}{
		"before the window":            {[]fault{page("[" + sampleOf(-1) + "]")}, "2026-02-19T23:59:00Z is outside the window"},
		"at the window's end":          {[]fault{page("[" + sampleOf(1440) + "]")}, "2026-02-21T00:00:00Z is outside the window"},
		"the same time twice":          {[]fault{page("[" + sampleOf(1) + "," + sampleOf(1) + "]")}, "does not come after"},
		"backwards":                    {[]fault{page("[" + sampleOf(2) + "," + sampleOf(1) + "]")}, "does not come after"},
		"the same time on two pages":   {[]fault{page("["+sampleOf(1)+"]", "Link", link), page("[" + sampleOf(1) + "]")}, "page 2"},
		"a next page of an empty one":  {[]fault{page("[]", "Link", link)}, "no sample, and yet a next page"},
		"a next page elsewhere":        {[]fault{page("["+sampleOf(1)+"]", "Link", `<http://elsewhere.example/>; rel="next"`)}, "elsewhere.example"},
		"an unknown member":            {[]fault{page(`[{"timestamp":"2026-02-20T00:00:00Z","wind_speed":1,"power":2,"torque":3}]`)}, `"torque" is not in the contract`},
		"a missing member":             {[]fault{page(`[{"timestamp":"2026-02-20T00:00:00Z","wind_speed":1}]`)}, `"power" is missing`},
		"a number in a string":         {[]fault{page(`[{"timestamp":"2026-02-20T00:00:00Z","wind_speed":"1","power":2}]`)}, "want a number or null"},
		"an object, not an array":      {[]fault{page(`{"data":[]}`)}, `want '['`},
		"no ETag":                      {[]fault{answer(200, "[]")}, "ETag"},
		"an ETag that is none of ours": {[]fault{answer(200, "[]", "ETag", `"v1"`)}, "is no fingerprint"},
		"too large":                    {[]fault{page("[" + strings.Repeat(" ", 8<<20) + "]")}, "larger than"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := newFaultyAPI(t, test.faults...)
			client, _ := api.client(t, source.ClientOptions{})
			_, _, err := readAll(t.Context(), client, day)
			if !errors.As(err, new(*source.InvalidDataError)) || !strings.Contains(err.Error(), test.says) || api.count() != len(test.faults) {
				t.Errorf("Read = %v after %d requests; want *InvalidDataError that says %q", err, api.count(), test.says)
			}
		})
	}
}

func TestASourceThatChangesWhileItIsReadIsNoticed(t *testing.T) {
	t.Parallel()
	api := newFaultyAPI(t)
	client, _ := api.client(t, source.ClientOptions{PageRows: 1000})
	_, err := client.Read(t.Context(), day, func(*source.Rows) error {
		_, err := api.pool.Exec(t.Context(), "UPDATE data SET power = 1 WHERE timestamp = '2026-02-20T23:00:00Z'")
		return err
	})
	if !errors.As(err, new(*source.ChangedError)) {
		t.Errorf("Read = %v, want *ChangedError", err)
	}
	if _, _, err := readAll(t.Context(), client, day); err != nil {
		t.Errorf("the next reading = %v", err)
	}
}

func TestAnErrorOfTheCallerEndsTheReading(t *testing.T) {
	t.Parallel()
	api := newFaultyAPI(t)
	client, _ := api.client(t, source.ClientOptions{PageRows: 100})
	stop := errors.New("stop")
	if _, err := client.Read(t.Context(), day, func(*source.Rows) error { return stop }); err != stop || api.count() != 1 { //nolint:errorlint // as it is
		t.Errorf("Read = %v after %d requests", err, api.count())
	}
}

func TestChangedTellsWhetherTheContentIsStillTheSame(t *testing.T) {
	t.Parallel()
	api := newFaultyAPI(t, nil, answer(503, ""), nil, nil, answer(401, ""))
	client, _ := api.client(t, source.ClientOptions{})
	_, fingerprint, err := readAll(t.Context(), client, day)
	if err != nil {
		t.Fatal(err)
	}
	if changed, err := client.Changed(t.Context(), day, fingerprint); changed || err != nil {
		t.Errorf("Changed = %t, %v", changed, err)
	}
	if _, err := api.pool.Exec(t.Context(), "DELETE FROM data WHERE timestamp = '2026-02-20T12:00:00Z'"); err != nil {
		t.Fatal(err)
	}
	if changed, err := client.Changed(t.Context(), day, fingerprint); !changed || err != nil {
		t.Errorf("after a deletion Changed = %t, %v", changed, err)
	}
	if _, err := client.Changed(t.Context(), day, fingerprint); !errors.As(err, new(*source.UnauthorizedError)) {
		t.Errorf("without the token Changed = %v", err)
	}
}

func TestAQueryThatTheContractDoesNotHaveIsNotSent(t *testing.T) {
	t.Parallel()
	api := newFaultyAPI(t)
	client, _ := api.client(t, source.ClientOptions{})
	query := day
	query.Variables = []string{"torque"}
	_, err := client.Read(t.Context(), query, nil)
	_, changedErr := client.Changed(t.Context(), query, "")
	if err == nil || changedErr == nil || api.count() != 0 {
		t.Errorf("Read = %v, Changed = %v after %d requests", err, changedErr, api.count())
	}
}

func TestAClientIsNotMadeWithoutAnAddressOrAToken(t *testing.T) {
	t.Parallel()
	for _, options := range []source.ClientOptions{
		{Token: bearer.Fixed(token)}, {BaseURL: "localhost:8000", Token: bearer.Fixed(token)}, {BaseURL: "ftp://host", Token: bearer.Fixed(token)}, {BaseURL: "http://host"},
	} {
		if _, err := source.NewClient(options); err == nil {
			t.Errorf("NewClient(%+v) succeeded", options)
		}
	}
}
