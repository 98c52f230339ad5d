// Package pipeline sees and steers the pipeline through the AWS APIs: its days, runs,
// backfills and schedules. The console and the command are its two front ends.
//
// What it answers is as of now: nothing is kept between two calls but what cannot
// change. Every method has a deadline of its own within the context's. Errors are for
// people; of these, *NotFoundError, *InvalidError, *ConflictError, *UnavailableError,
// *RunFailedError and *RefusedError tell what became of the request.
package pipeline

import (
	"crypto/rand"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/jackc/pgx/v5/pgxpool"

	"delfos/shared/bearer"
	"delfos/shared/partition"
	"delfos/shared/source"
	"delfos/shared/status"
)

// Options say which pipeline it is. What has no default named here must be given.
type Options struct {
	Config aws.Config // region, credentials and, for another endpoint than AWS's, that

	Asset     string
	Variables []string // that are published
	Calendar  partition.Calendar
	Window    time.Duration // width of a published window; 0 means 10 minutes

	Etl             string // the etl function's name
	Planner         string // the planbackfill function's name
	StateMachineARN string // of the backfills
	Tables          status.Tables

	// DeadLetterQueueURL is where what could not be delivered waits; empty leaves the
	// dead letters out of the overview.
	DeadLetterQueueURL string
	ScheduleGroup      string // of the schedules; empty means "default"
	// TickLogGroup is the log group that has a line for each tick, as the local stack
	// writes it (schedule.LogGroup). Empty, as on AWS, whose Scheduler keeps no history:
	// ticks are then told by the runs and backfills that they started.
	TickLogGroup string

	SourceURL   string // of the source API, without /data
	SourceToken bearer.Token
	Target      *pgxpool.Pool // the target database

	// Patience is how long a function is waited for: less than the 30 seconds after
	// which an HTTP API gives up (API Gateway Developer Guide, "Quotas for HTTP APIs").
	// 0 means 25 seconds.
	Patience time.Duration

	HTTPClient *http.Client     // nil means one of its own
	Now        func() time.Time // nil means time.Now
	Random     io.Reader        // of what names are made of; nil means crypto/rand
	Logger     *slog.Logger     // where actions are audited; nil means nobody
}

// Pipeline is one asset's pipeline. It is safe for concurrent use.
type Pipeline struct {
	options Options
	now     func() time.Time
	logger  *slog.Logger

	services
	status *status.Store
	source *source.Client

	// What does not change of an execution, by its ARN.
	definitions *memory[definition]
	plans       *memory[[]partition.Key]
}

// The bounds of the methods' time, but for those that wait for a function.
const (
	glanceWithin = 4 * time.Second // of a part of the overview
	readWithin   = 10 * time.Second
	actWithin    = 15 * time.Second
)

// New makes a Pipeline. The error names the option that is missing.
func New(o Options) (*Pipeline, error) {
	for name, given := range map[string]string{
		"Asset": o.Asset, "Etl": o.Etl, "Planner": o.Planner, "StateMachineARN": o.StateMachineARN,
		"Tables.Partitions": o.Tables.Partitions, "Tables.Runs": o.Tables.Runs, "Tables.Backfills": o.Tables.Backfills,
	} {
		if given == "" {
			return nil, errors.New("pipeline: Options." + name + " must be given")
		}
	}
	if o.Target == nil || len(o.Variables) == 0 || o.Calendar.Location() == nil {
		return nil, errors.New("pipeline: Options.Target, Variables and Calendar must be given")
	}
	o.setDefaults()
	api, err := source.NewClient(source.ClientOptions{
		BaseURL: o.SourceURL, Token: o.SourceToken, HTTPClient: o.HTTPClient, Now: o.Now,
		// A person waits: one more try, and soon.
		Retry: source.RetryPolicy{Attempts: 2, Base: 100 * time.Millisecond, Cap: 200 * time.Millisecond, AttemptTimeout: 8 * time.Second},
	})
	if err != nil {
		return nil, err
	}
	return &Pipeline{
		options: o, now: o.Now, logger: o.Logger,
		services: newServices(o.Config),
		status:   status.New(newDynamoDB(o.Config), o.Tables),
		source:   api,

		definitions: newMemory[definition](),
		plans:       newMemory[[]partition.Key](),
	}, nil
}

func (o *Options) setDefaults() {
	if o.Window == 0 {
		o.Window = 10 * time.Minute
	}
	if o.Patience == 0 {
		o.Patience = 25 * time.Second
	}
	if o.ScheduleGroup == "" {
		o.ScheduleGroup = "default"
	}
	if o.HTTPClient == nil {
		o.HTTPClient = &http.Client{}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Random == nil {
		o.Random = rand.Reader
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
}

// Asset is the turbine whose pipeline it is.
func (p *Pipeline) Asset() string { return p.options.Asset }

// Calendar lays the partitions onto time.
func (p *Pipeline) Calendar() partition.Calendar { return p.options.Calendar }

// Variables are those that are published.
func (p *Pipeline) Variables() []string { return p.options.Variables }

// Range is the first partition and the last that has ended; none has where last is
// before first.
func (p *Pipeline) Range() (first, last partition.Key) {
	return p.options.Calendar.First(), p.options.Calendar.LastEnded(p.now())
}
