package pipeline

import (
	"context"
	"sync"
	"time"

	"delfos/shared/partition"
	"delfos/shared/status"
)

// Overview is how the pipeline stands.
type Overview struct {
	At        time.Time // UTC
	API       Part[APIHealth]
	Source    Part[SourceHealth]
	Target    Part[TargetHealth]
	Days      Part[DayCounts]
	LastRuns  Part[[]Run]      // the newest first, at most 10
	Schedules Part[[]Schedule] // each with its next tick
	Backfills Part[[]Backfill] // the newest first, at most 50, ended ones too
	Letters   Part[DeadLetters]

	// Attention is what needs a person, the most urgent first. It is of the parts that
	// could be read.
	Attention []Attention
}

// Running are the backfills that are under way.
func (o Overview) Running() []Backfill {
	var running []Backfill
	for _, b := range o.Backfills.Value {
		if b.State == status.BackfillRunning {
			running = append(running, b)
		}
	}
	return running
}

// NextTick is the first of the schedules that are on; nil where there is none.
func (o Overview) NextTick() *NextTick {
	var next *NextTick
	for _, s := range o.Schedules.Value {
		if !s.On || len(s.Next) == 0 {
			continue
		}
		if next == nil || s.Next[0].At.Before(next.At) {
			next = &NextTick{s.Name, s.Target, s.Next[0].At}
		}
	}
	return next
}

// NextTick is when something runs by itself next.
type NextTick struct {
	Schedule string
	Target   TargetKind
	At       time.Time // UTC
}

// APIHealth is how the source API answers.
type APIHealth struct {
	Took time.Duration // of the request to /health
}

// SourceHealth is what the source has.
type SourceHealth struct {
	Extent Extent
	Behind time.Duration // how old the last sample is; 0 without any
	Took   time.Duration // of the request
}

// TargetHealth is how the target database answers.
type TargetHealth struct {
	Published int           // days
	LastDay   partition.Key // that is published; zero without any
	Took      time.Duration // of the query
}

// DeadLetters is how many messages wait in the dead-letter queue. The numbers are
// approximate (SQS API Reference, GetQueueAttributes).
type DeadLetters struct {
	Queue    string // its name; empty where none is configured
	Waiting  int
	InFlight int
}

// Overview reads how everything stands. It does not fail as a whole: what could not
// be read says so in its part.
//
// IAM: dynamodb:Query on the partitions and runs tables and the backfills table's
// index by_start, states:ListExecutions on the state machine,
// states:DescribeExecution on its executions,
// scheduler:ListSchedules and scheduler:GetSchedule, sqs:GetQueueAttributes.
func (p *Pipeline) Overview(ctx context.Context) Overview {
	now := p.now()
	o := Overview{At: now.UTC()}
	first, last := p.Range()
	var reading sync.WaitGroup // each part fails for itself
	glance := func(read func(context.Context)) {
		reading.Go(func() {
			ctx, cancel := context.WithTimeout(ctx, glanceWithin)
			defer cancel()
			read(ctx)
		})
	}
	glance(func(ctx context.Context) { o.API = part(p.apiHealth(ctx)) })
	glance(func(ctx context.Context) { o.Source = part(p.sourceHealth(ctx, now)) })
	glance(func(ctx context.Context) { o.Target = part(p.targetHealth(ctx)) })
	glance(func(ctx context.Context) {
		days, err := p.days(ctx, first, last, now)
		o.Days = part(countDays(days, first, last, now), err)
	})
	glance(func(ctx context.Context) {
		list, err := p.Runs(ctx, RunFilter{}, Page{Limit: lastRuns})
		o.LastRuns = part(list.Runs, err)
	})
	glance(func(ctx context.Context) { o.Schedules = part(p.Schedules(ctx, 1)) })
	glance(func(ctx context.Context) {
		list, err := p.Backfills(ctx, BackfillFilter{}, Page{})
		o.Backfills = part(list.Backfills, err)
	})
	glance(func(ctx context.Context) { o.Letters = part(p.deadLetters(ctx)) })
	reading.Wait()
	o.Attention = attentionOf(o, p.options.Calendar)
	return o
}

// lastRuns is how many runs the overview has.
const lastRuns = 10
