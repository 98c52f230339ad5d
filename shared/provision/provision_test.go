package provision_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/cfn"
	"github.com/google/go-cmp/cmp"

	"delfos/infra/local/postgres/postgrestest"
	"delfos/shared/provision"
	"delfos/shared/schema/source"
	"delfos/shared/schema/target"
)

func TestMain(m *testing.M) { postgrestest.Main(m) }

// world is CloudFormation's side: a URL that takes answers.
type world struct {
	*httptest.Server
	refusals int // of the next answers
	mu       sync.Mutex
	answers  []cfn.Response
	paused   []time.Duration
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{}
	w.Server = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.refusals > 0 {
			w.refusals--
			rw.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		body, _ := io.ReadAll(r.Body)
		var answer cfn.Response
		if err := json.Unmarshal(body, &answer); err != nil || r.Method != http.MethodPut || r.Header["Content-Type"] != nil || len(body) > 4096 {
			t.Errorf("%s with Content-Type %q and %d bytes: %v", r.Method, r.Header["Content-Type"], len(body), err)
		}
		w.answers = append(w.answers, answer)
	}))
	t.Cleanup(w.Close)
	return w
}

func (w *world) send() func(context.Context, string, *cfn.Response) error {
	return provision.Send(w.Client(), func(_ context.Context, pause time.Duration) error {
		w.paused = append(w.paused, pause)
		return nil
	})
}

func (w *world) event(kind, physical, days string) json.RawMessage {
	event, _ := json.Marshal(map[string]any{
		"RequestType": kind, "ResponseURL": w.URL + "/signed?secret", "StackId": "stack", "RequestId": "request",
		"LogicalResourceId": "Schema", "PhysicalResourceId": physical,
		"ResourceProperties": map[string]any{ // as the template has them
			"ServiceToken": "arn", "ServiceTimeout": "600", "Databases": []string{"arn:source", "arn:target"},
			"Migrations": "1 1", "Roles": "sum", "DemoDays": days,
		},
	})
	return event
}

func fixed(dsn string) func(context.Context) (string, error) {
	return func(context.Context) (string, error) { return dsn, nil }
}

func TestCreateMigratesBothDatabasesAndFillsTheDemoInAndAgainChangesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var filled []int
	handler := provision.Handler(&provision.Provisioner{
		Databases: []provision.Database{
			{Name: "source", DSN: fixed(postgrestest.Database(t)), Migrations: source.Migrations},
			{Name: "target", DSN: fixed(postgrestest.Database(t)), Migrations: target.Migrations},
		},
		Demo: func(_ context.Context, days int) (int64, error) {
			filled = append(filled, days)
			return int64(days) * 1440, nil
		},
		Answer: w.send(), Logger: slog.New(slog.DiscardHandler),
	})
	first, err := handler(t.Context(), w.event("Create", "", "2"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(provision.Done{Migrated: map[string]int{"source": 1, "target": 1}, Samples: 2880}, first); diff != "" {
		t.Errorf("create (-want +got):\n%s", diff)
	}
	again, err := handler(t.Context(), w.event("Update", "databases", "0"))
	if diff := cmp.Diff(provision.Done{Migrated: map[string]int{"source": 0, "target": 0}}, again); diff != "" || err != nil {
		t.Errorf("update: %v (-want +got):\n%s", err, diff)
	}
	if diff := cmp.Diff([]int{2}, filled); diff != "" {
		t.Errorf("demo data (-want +got):\n%s", diff)
	}
	for _, answer := range w.answers {
		if answer.Status != cfn.StatusSuccess || answer.PhysicalResourceID != "databases" || answer.StackID != "stack" ||
			answer.RequestID != "request" || answer.LogicalResourceID != "Schema" {
			t.Errorf("answered %+v", answer)
		}
	}
	if len(w.answers) != 2 {
		t.Errorf("%d answers, want 2", len(w.answers))
	}
}

func TestEveryFailureIsAnsweredAndKeepsThePhysicalId(t *testing.T) {
	t.Parallel()
	broken := func(fail func() error) func(context.Context) (string, error) {
		return func(context.Context) (string, error) { return "", fail() }
	}
	for name, test := range map[string]struct {
		dsn    func(context.Context) (string, error)
		kind   string
		days   string
		reason string
	}{
		"the secret cannot be read": {broken(func() error { return errors.New("read secret x") }), "Create", "0", "database source: read secret x"},
		"a panic":                   {broken(func() error { panic("oh") }), "Update", "0", "panicked"},
		"an endless reason":         {broken(func() error { return errors.New(strings.Repeat("x", 5000)) }), "Create", "0", "xxx"},
		"no such database":          {fixed("postgres://u:hush@127.0.0.1:1/d?connect_timeout=1"), "Create", "0", "did not wake"},
		"an unknown request":        {fixed(""), "Destroy", "0", "want Create, Update or Delete"},
		"too many days":             {fixed(""), "Create", "367", "want 0 to 366"},
		"no number of days":         {fixed(""), "Create", "ten", "want 0 to 366"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			handler := provision.Handler(&provision.Provisioner{
				Databases: []provision.Database{{Name: "source", DSN: test.dsn, Migrations: source.Migrations}},
				Answer:    w.send(), Logger: slog.New(slog.DiscardHandler),
			})
			ctx, cancel := context.WithTimeout(t.Context(), 4*time.Second)
			defer cancel()
			if _, err := handler(ctx, w.event(test.kind, "old", test.days)); err != nil {
				t.Fatal(err)
			}
			if len(w.answers) != 1 {
				t.Fatalf("%d answers, want 1", len(w.answers))
			}
			got := w.answers[0]
			if got.Status != cfn.StatusFailed || got.PhysicalResourceID != "old" || !strings.Contains(got.Reason, test.reason) || strings.Contains(got.Reason, "hush") {
				t.Errorf("answered %+v, want %q", got, test.reason)
			}
		})
	}
}

func TestDeleteTouchesNoDatabase(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	handler := provision.Handler(&provision.Provisioner{
		Databases: []provision.Database{{Name: "source", DSN: func(context.Context) (string, error) {
			t.Error("the database was asked for")
			return "", nil
		}}},
		Answer: w.send(), Logger: slog.New(slog.DiscardHandler),
	})
	if _, err := handler(t.Context(), w.event("Delete", "databases", "2")); err != nil {
		t.Fatal(err)
	}
	if w.answers[0].Status != cfn.StatusSuccess {
		t.Errorf("answered %+v", w.answers[0])
	}
}

func TestAnAnswerIsSentAgainAndItsURLIsNeverShown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.refusals = 3
	if err := w.send()(t.Context(), w.URL+"/signed?secret", &cfn.Response{Status: cfn.StatusSuccess}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]time.Duration{time.Second, 2 * time.Second, 3 * time.Second}, w.paused); diff != "" || len(w.answers) != 1 {
		t.Errorf("%d answers, pauses (-want +got):\n%s", len(w.answers), diff)
	}
	for _, address := range []string{"http://127.0.0.1:1/signed?secret", "http://[secret"} {
		if err := w.send()(t.Context(), address, &cfn.Response{}); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%v, want an error without the URL", err)
		}
	}
}

func TestWhoeverInvokesItWithoutAURLGetsTheAnswerAndTheError(t *testing.T) {
	t.Parallel()
	handler := provision.Handler(&provision.Provisioner{
		Databases: []provision.Database{{Name: "source", DSN: func(context.Context) (string, error) { return "", errors.New("no") }}},
		Logger:    slog.New(slog.DiscardHandler),
	})
	if _, err := handler(t.Context(), json.RawMessage(`{}`)); err == nil || !strings.Contains(err.Error(), "no") {
		t.Errorf("got %v, want the error", err)
	}
	if _, err := handler(t.Context(), json.RawMessage(`[]`)); err == nil {
		t.Error("an event that is none was taken")
	}
}
