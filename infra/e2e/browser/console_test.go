package browser

import (
	"fmt"
	"log/slog"
	"net"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/jackc/pgx/v5/pgxpool"

	"delfos/shared/bearer"
	"delfos/shared/console"
	"delfos/shared/console/site"
	"delfos/shared/partition"
	"delfos/shared/pipeline"
	"delfos/shared/status"
)

// another is a tab on a console that this test's process serves over the stack's services:
// for other people than the stack's own console is for, or over other services.
func (w *world) another(t testing.TB, of site.Options, change func(*pipeline.Options)) *tab {
	t.Helper()
	calendar, err := partition.NewCalendar("UTC", partition.MustParseKey("2026-02-20"))
	if err != nil {
		t.Fatal(err)
	}
	options := pipeline.Options{
		Config: aws.Config{
			Region: w.Region, BaseEndpoint: &w.AWSEndpointURL, Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
		},
		Asset: asset, Variables: []string{"wind_speed", "power"}, Calendar: calendar,
		Etl: w.Functions["EtlFunction"], Planner: w.Functions["PlanBackfillFunction"], StateMachineARN: w.StateMachineARN,
		Tables:    status.Tables{Partitions: w.PartitionsTable, Runs: w.RunsTable, Backfills: w.BackfillsTable},
		SourceURL: w.APIURL, SourceToken: bearer.Fixed(w.APIToken), Target: pool(t, w.TargetDSN),
	}
	if change != nil {
		change(&options)
	}
	p, err := pipeline.New(options)
	if err != nil {
		t.Fatal(err)
	}
	of.Asset, of.Secret, of.Logger = asset, bearer.Fixed("a secret for tests"), slog.New(slog.DiscardHandler)
	server := httptest.NewServer(console.New(console.Options{Site: of, Pipeline: p, DocsURL: w.APIURL}))
	t.Cleanup(server.Close)
	tab := newTab(t, w)
	tab.home = server.URL
	return tab
}

func pool(t testing.TB, dsn string) *pgxpool.Pool {
	t.Helper()
	p, err := pgxpool.New(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

// nobody is an address at which nobody listens: nobody is given this port by chance.
const nobody = "127.0.0.1:1"

// silent is the address of a server that takes connections and never answers.
func silent(t testing.TB) string {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	return listener.Addr().String()
}

// servicesAt has all services at an address.
func servicesAt(t testing.TB, address string) func(*pipeline.Options) {
	t.Helper()
	return func(o *pipeline.Options) {
		o.Config.BaseEndpoint, o.SourceURL = aws.String("http://"+address), "http://"+address
		o.Config.RetryMaxAttempts = 1
		o.Target = pool(t, "postgres://nobody@"+address+"/none?sslmode=disable&connect_timeout=1")
	}
}

// showOthers looks at what the stack's own console, which is open to all and for
// everything, does not show: a sign-in, no actions, and services that are away.
func (w *world) showOthers(t testing.TB, cancelled, failedRun string) {
	t.Helper()
	person := w.another(t, site.Options{Token: bearer.Fixed("a-token")}, nil)
	person.allow(`status of 401`)
	person.show([]exhibit{{"sign-in", "/runs"}})
	person.fill(field("name"), strings.Repeat("Anastasia ", 6))
	person.fill(field("token"), "another")
	person.click(button("Sign in"))
	person.sees("The token is another")
	person.look("sign-in-refused")
	person.fill(field("token"), "a-token")
	person.click(button("Sign in"))
	person.goesTo("/runs")
	person.show([]exhibit{{"signed-in", "/backfills"}})

	reader := w.another(t, site.Options{ReadOnly: true}, nil)
	reader.show([]exhibit{
		{"readonly-overview", "/"},
		{"readonly-selection", "/partitions?from=2026-03-08&to=2026-03-20&month=2026-03"},
		{"readonly-day", "/partitions/2026-03-05"},
		{"readonly-run", "/runs/" + failedRun},
		{"readonly-backfill", "/backfills/" + cancelled},
		{"readonly-backfill-new", "/backfills/new"},
		{"readonly-schedules", "/schedules"},
	})

	forlorn := w.another(t, site.Options{}, servicesAt(t, nobody))
	forlorn.allow(`status of 50\d`)
	forlorn.show([]exhibit{
		{"away-overview", "/"},
		{"away-partitions", "/partitions"},
		{"away-day", "/partitions/2026-02-24"},
		{"away-runs", "/runs"},
		{"away-backfills", "/backfills"},
		{"away-backfill", "/backfills/" + cancelled},
		{"away-backfill-new", "/backfills/new"},
		{"away-schedules", "/schedules"},
		{"away-api", "/api"},
	})
}

func TestAPageDoesNotWaitForServicesThatDoNotAnswer(t *testing.T) {
	t.Parallel()
	w := sharedWorld(t)
	tab := w.another(t, site.Options{}, servicesAt(t, silent(t)))
	tab.to("/")
	tab.sees("Still asking how things stand")
	tab.look("slow-overview")
	tab.sees("How the days stand cannot be told") // once the pipeline has lost its patience
	tab.look("slow-overview-then")
}

// longName is as long as Step Functions allows an execution's to be.
var longName = fmt.Sprintf("%-.80s", "of-the-days-that-were-lost-when-the-data-logger-was-replaced-by-the-new-one-in-february")
