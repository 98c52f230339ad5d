package command

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsretry "github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"delfos/infra/local"
	"delfos/shared/backfill"
	"delfos/shared/partition"
)

func testClock() time.Time { return testTime }

// heard is a stderr that tells whoever waits of its first line.
type heard struct {
	mu   sync.Mutex
	text bytes.Buffer
	line chan struct{} // closed with the first
}

func newHeard() *heard { return &heard{line: make(chan struct{})} }

// Write keeps the text.
func (h *heard) Write(text []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.text.Len() == 0 {
		close(h.line)
	}
	return h.text.Write(text)
}

func (h *heard) String() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.text.String()
}

// Waits of a terminal whose time passes at once, or not at all.
func passes(ctx context.Context, _ time.Duration) error { return ctx.Err() }

func stands(ctx context.Context, _ time.Duration) error {
	<-ctx.Done()
	return ctx.Err()
}

// asking is each way in which the command asks AWS, and what is told of it at url.
func asking(url string) map[string]struct {
	ask  func(context.Context, connection) error
	told string
} {
	day := partition.MustParseKey("2026-02-20")
	return map[string]struct {
		ask  func(context.Context, connection) error
		told string
	}{
		"Step Functions": {func(ctx context.Context, c connection) error {
			_, err := c.backfillNames(ctx, types.ExecutionStatusRunning, 1)
			return err
		}, "Waiting for Step Functions at " + url + ", up to 30 s …\n"},
		"the status table": {func(ctx context.Context, c connection) error {
			_, err := c.status.Partitions(ctx, "turbine-1", day, day)
			return err
		}, "Waiting for DynamoDB at " + url + ", up to 30 s …\n"},
		"the planner": {func(ctx context.Context, c connection) error {
			_, err := c.plan(ctx, backfill.Request{})
			return err
		}, "Waiting for function delfos-Plan at " + url + ", up to 6 min …\n"},
		"a run": {func(ctx context.Context, c connection) error {
			return c.materialize(ctx, Terminal{}, false, day, false)
		}, "Waiting for function delfos-Etl at " + url + ", up to 16 min …\n"},
	}
}

// stackAt is a running stack that answers at url.
func stackAt(url string) local.Descriptor {
	return local.Descriptor{
		Region: "us-east-1", AWSEndpointURL: url, PartitionsTable: "p", RunsTable: "r", BackfillsTable: "b",
		Functions: map[string]string{etlFunction: "delfos-Etl", plannerFunction: "delfos-Plan"},
	}
}

func TestAnAnswerThatIsLongInComingIsToldOfInOneLine(t *testing.T) {
	t.Parallel()
	for name := range asking("") {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			stderr := newHeard()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				<-stderr.line
				w.WriteHeader(http.StatusForbidden)
			}))
			t.Cleanup(server.Close)
			conn := connectLocal(Terminal{Stderr: stderr, Wait: passes}, where{}, stackAt(server.URL))
			test := asking(server.URL)[name]
			if err := test.ask(t.Context(), conn); err == nil || strings.Contains(err.Error(), "Waiting") {
				t.Errorf("%v; want what was answered", err)
			}
			if stderr.String() != test.told {
				t.Errorf("it says %q; want %q", stderr, test.told)
			}
		})
	}
}

func TestAnAnswerThatComesSoonIsNotToldOf(t *testing.T) {
	t.Parallel()
	for name, test := range asking("") {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }))
			t.Cleanup(server.Close)
			var stderr bytes.Buffer
			conn := connectLocal(Terminal{Stderr: &stderr, Wait: stands}, where{}, stackAt(server.URL))
			if err := test.ask(t.Context(), conn); err == nil || stderr.Len() > 0 {
				t.Errorf("%v, after %q", err, &stderr)
			}
		})
	}
}

func TestWhatIsWaitedForAtOnceIsToldOnceAndAnewWhereItFailsAnew(t *testing.T) {
	t.Parallel()
	stderr := newHeard()
	w := newWaits(Terminal{Stderr: stderr, Wait: passes})
	first := w.tellLater(t.Context(), "it", answerWithin)
	<-stderr.line
	w.tell("it", answerWithin) // as another that waits beside it would
	if got := strings.Count(stderr.String(), "Waiting for it"); got != 1 {
		t.Errorf("told %d times at once", got)
	}
	first(nil) // slow, as the next will be
	w.tell("it", answerWithin)
	if got := strings.Count(stderr.String(), "Waiting for it"); got != 1 {
		t.Errorf("told %d times of slow answers", got)
	}
	w.tellLater(t.Context(), "it", answerWithin)(errors.New("no"))
	w.tell("it", answerWithin)
	if got := strings.Count(stderr.String(), "Waiting for it"); got != 2 {
		t.Errorf("told %d times after a failure, want 2", got)
	}
}

// sent answers a request that goes to AWS.
type sent func(*http.Request) (*http.Response, error)

// Do answers.
func (s sent) Do(r *http.Request) (*http.Response, error) { return s(r) }

// connectThrough reaches AWS through a function.
func connectThrough(send sent) connection {
	waits := newWaits(Terminal{Stderr: &bytes.Buffer{}, Wait: stands})
	return connectTo(where{}, waits.watch(aws.Config{
		Region: "us-east-1", BaseEndpoint: aws.String("http://127.0.0.1:4566"), HTTPClient: send,
		Credentials: credentials.NewStaticCredentialsProvider("any", "any", ""),
		Retryer: func() aws.Retryer {
			return awsretry.NewStandard(func(o *awsretry.StandardOptions) {
				o.Backoff = awsretry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 0, nil })
			})
		},
	}, "mend it"), resources{etlName: "delfos-Etl", plannerName: "delfos-Plan"})
}

func TestNoAnswerIsWaitedForForEver(t *testing.T) {
	t.Parallel()
	for name, test := range asking("") {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bounded := false
			conn := connectThrough(func(r *http.Request) (*http.Response, error) {
				_, bounded = r.Context().Deadline()
				return nil, context.Canceled
			})
			if err := test.ask(t.Context(), conn); err == nil || !bounded {
				t.Errorf("%v; it ends by itself: %t", err, bounded)
			}
		})
	}
}

func TestWhatHasNotAnsweredInItsTimeIsNamedWithTheTime(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer cancel()
	conn := connectThrough(func(r *http.Request) (*http.Response, error) {
		<-r.Context().Done()
		return nil, r.Context().Err()
	})
	_, err := conn.backfillNames(ctx, types.ExecutionStatusRunning, 1)
	if want := "list backfills: Step Functions at http://127.0.0.1:4566 has not answered for 1 s"; err == nil || plainly(err).Error() != want {
		t.Errorf("%v; want %s", plainly(err), want)
	}
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v is no deadline's", err)
	}
}

func TestAnAddressOfThisMachineWhereNothingListensIsAskedOnce(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]int{"127.0.0.1": 1, "::1": 1, "192.0.2.1": awsretry.DefaultMaxAttempts} {
		asked := 0
		conn := connectThrough(func(r *http.Request) (*http.Response, error) {
			asked++
			return nil, &url.Error{Op: "Post", URL: r.URL.String(), Err: &net.OpError{
				Op: "dial", Net: "tcp", Addr: &net.TCPAddr{IP: net.ParseIP(address), Port: 4566}, Err: syscall.ECONNREFUSED,
			}}
		})
		_, err := conn.backfillNames(t.Context(), types.ExecutionStatusRunning, 1)
		if err == nil || asked != want {
			t.Fatalf("%s was asked %d times, want %d: %v", address, asked, want, err)
		}
		said := withAdvice(plainly(err)).Error()
		if strings.HasSuffix(said, ": connection refused: nothing listens there: mend it") != (want == 1) || strings.Contains(said, "operation error") {
			t.Errorf("%s: %s", address, said)
		}
	}
}

func TestALocalStackThatRefusesIsToBeStartedAgain(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(nil)
	server.Close()
	conn := connectLocal(Terminal{Stderr: &bytes.Buffer{}, Wait: stands}, where{}, stackAt(server.URL))
	_, err := conn.execution(t.Context(), "b")
	if want := "nothing listens there: start it again with `delfos down` and `delfos up`"; err == nil || !strings.HasSuffix(withAdvice(plainly(err)).Error(), want) {
		t.Errorf("%v; want %s", err, want)
	}
}

func TestALineAboutAWaitDoesNotTearTheMeter(t *testing.T) {
	t.Parallel()
	m := &fakeMachine{looks: append(going(2, types.MapRunItemCounts{Total: 2, Running: 2}), look{status: types.ExecutionStatusSucceeded})}
	f, _, stderr := testFollower(m, true)
	f.conn.waits = newWaits(f.terminal)
	wait := f.terminal.Wait
	f.terminal.Wait = func(ctx context.Context, d time.Duration) error { // between two looks
		f.conn.waits.tell("it", answerWithin)
		return wait(ctx, d)
	}
	if _, err := f.watch(t.Context()); err != nil {
		t.Fatal(err)
	}
	before, after, told := strings.Cut(stderr.String(), "Waiting for it, up to 30 s …\n")
	if !told || !strings.HasSuffix(before, "\r"+clearLine+lineUp+clearLine) || !strings.HasPrefix(after, "\r"+clearLine) {
		t.Errorf("it shows %q", stderr)
	}
	if f.conn.waits.clear != nil {
		t.Error("a meter that has ended is taken away")
	}
}

func TestABoundIsSaidInSecondsOrMinutes(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		0: "1 s", 10*time.Second - time.Millisecond: "10 s", time.Minute: "60 s", 6*time.Minute - time.Second: "6 min",
	} {
		if got := atMost(d); got != want {
			t.Errorf("%v: %s, want %s", d, got, want)
		}
	}
}

func TestAHealthCheckThatTakesLongSaysWhatItWaitsFor(t *testing.T) {
	t.Parallel()
	stderr := newHeard()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-stderr.line:
		case <-r.Context().Done():
		}
		w.WriteHeader(http.StatusInternalServerError)
	}))
	t.Cleanup(server.Close)
	stack := stackAt(server.URL)
	stack.APIURL = server.URL
	terminal := Terminal{Stderr: stderr, Wait: passes}
	err := connectLocal(terminal, where{}, stack).check(t.Context(), terminal)
	if err == nil || !strings.HasPrefix(stderr.String(), "Waiting for "+server.URL+"/health, up to ") || strings.Count(stderr.String(), "\n") != 1 {
		t.Errorf("%v, after %q", err, stderr)
	}
}
