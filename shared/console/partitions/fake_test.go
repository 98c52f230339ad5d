package partitions_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"sync"
	"time"

	"delfos/shared/backfill"
	"delfos/shared/partition"
	"delfos/shared/pipeline"
	"delfos/shared/pipeline/runlog"
	"delfos/shared/status"
)

// fake is a pipeline in memory.
type fake struct {
	calendar partition.Calendar
	now      time.Time

	mu     sync.Mutex
	days   map[partition.Key]pipeline.Day // those that something happened to
	done   []string                       // actions, as they came
	reads  int                            // of all days
	fails  error                          // of what is read
	refuse error                          // of what is done
	curves error
}

func (f *fake) Calendar() partition.Calendar { return f.calendar }

func (f *fake) Range() (first, last partition.Key) {
	return f.calendar.First(), f.calendar.LastEnded(f.now)
}

func (f *fake) Partitions(_ context.Context, first, last partition.Key) ([]pipeline.Day, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.reads++
	if f.fails != nil {
		return nil, f.fails
	}
	var days []pipeline.Day
	for _, key := range partition.Days(first, last) {
		days = append(days, f.at(key))
	}
	return days, nil
}

func (f *fake) at(key partition.Key) pipeline.Day {
	day, ok := f.days[key]
	if !ok {
		day = pipeline.Day{Partition: status.Partition{Key: key, Data: status.DataMissing}}
	}
	day.Skipped = f.calendar.Span(key).Duration() == 0
	return day
}

func (f *fake) Partition(_ context.Context, key partition.Key) (pipeline.DayDetail, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.fails != nil {
		return pipeline.DayDetail{}, f.fails
	}
	first, last := f.Range()
	detail := pipeline.DayDetail{Day: f.at(key), Span: f.calendar.Span(key)}
	for _, near := range partition.Days(key.AddDays(-7), key.AddDays(7)) {
		if !near.Before(first) && !last.Before(near) {
			detail.Around = append(detail.Around, f.at(near))
		}
	}
	if first.Before(key) {
		detail.Previous = key.AddDays(-1)
	}
	if key.Before(last) {
		detail.Next = key.AddDays(1)
	}
	if day := detail.Day; day.RunID != "" {
		run := status.Run{
			ID: day.RunID, Partition: key, Trigger: status.TriggerManual, Attempt: 1, Outcome: status.Outcome(day.Attempt),
			StartedAt: f.now.Add(-time.Minute), Failure: day.Failure, Materialization: day.Materialization, BackfillID: day.BackfillID,
		}
		if run.Outcome != status.OutcomeRunning {
			run.FinishedAt = f.now.Add(-time.Minute + 27*time.Millisecond)
		}
		detail.Runs = []pipeline.Run{{Run: run}}
	}
	return detail, nil
}

func (f *fake) Curves(_ context.Context, key partition.Key) (pipeline.Curves, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.curves != nil {
		return pipeline.Curves{}, f.curves
	}
	curves := pipeline.Curves{Span: f.calendar.Span(key), Window: 10 * time.Minute}
	if f.at(key).Materialization == nil {
		return curves, nil
	}
	wind := pipeline.Curve{Variable: "wind_speed", Unit: "m/s"}
	for at := curves.Span.Start; at.Before(curves.Span.End); at = at.Add(curves.Window) {
		mean := 8 + math.Sin(at.Sub(curves.Span.Start).Hours())
		if at.Sub(curves.Span.Start) == 2*time.Hour {
			mean = math.NaN()
		}
		curves.Times = append(curves.Times, at)
		wind.Mean, wind.Min = append(wind.Mean, mean), append(wind.Min, mean-1)
		wind.Max, wind.Std = append(wind.Max, mean+1), append(wind.Std, mean-mean+0.3)
	}
	curves.Curves = []pipeline.Curve{wind}
	return curves, nil
}

func (f *fake) Log(_ context.Context, runID, _ string) (pipeline.LogPage, error) {
	if runID == "gone" {
		return pipeline.LogPage{}, &pipeline.NotFoundError{What: "run", Name: runID, Advice: "check its id"}
	}
	return pipeline.LogPage{Next: "n", Final: true, Lines: []runlog.Line{{
		At: f.now, Kind: runlog.Application, Level: "ERROR", Message: "<b>bold</b>", Fields: []runlog.Field{{Name: "rows", Value: "3"}},
	}}}, nil
}

// Plan takes the days without data; its hash is of the request and of them.
func (f *fake) Plan(_ context.Context, r backfill.Request) (pipeline.Plan, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.refuse != nil {
		return pipeline.Plan{}, f.refuse
	}
	plan := pipeline.Plan{Plan: backfill.Plan{
		From: r.From, To: r.To, Select: r.Select, Order: r.Order, MaxConcurrency: r.MaxConcurrency,
		Included: map[backfill.Why][]partition.Key{}, Excluded: map[backfill.Why][]partition.Key{},
	}}
	for _, key := range partition.Days(r.From, r.To) {
		if f.at(key).Data == status.DataMissing {
			plan.Partitions = append(plan.Partitions, key)
			plan.Included[backfill.WhyMissing] = append(plan.Included[backfill.WhyMissing], key)
			continue
		}
		plan.Excluded[backfill.WhyMaterialized] = append(plan.Excluded[backfill.WhyMaterialized], key)
	}
	sum := sha256.Sum256(fmt.Append(nil, plan))
	plan.Hash = hex.EncodeToString(sum[:])
	return plan, nil
}

func (f *fake) act(format string, of ...any) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.done = append(f.done, fmt.Sprintf(format, of...))
	return f.refuse
}

func (f *fake) Launch(_ context.Context, who pipeline.Actor, r backfill.Request, name string) (pipeline.Started, error) {
	return pipeline.Started{Backfill: "backfill-1"}, f.act("%s launches %s %s %s %s %d %q %s %s",
		who.Name, r.From, r.To, r.Select, r.Order, r.MaxConcurrency, r.Reason, r.PlanHash, name)
}

func (f *fake) Materialize(_ context.Context, who pipeline.Actor, key partition.Key, allowEmpty bool) (pipeline.Materialized, error) {
	return pipeline.Materialized{}, f.act("%s materializes %s %v", who.Name, key, allowEmpty)
}

func (f *fake) Waive(_ context.Context, who pipeline.Actor, key partition.Key, reason string) (pipeline.Day, error) {
	return pipeline.Day{}, f.act("%s waives %s: %s", who.Name, key, reason)
}

func (f *fake) Unwaive(_ context.Context, who pipeline.Actor, key partition.Key) (pipeline.Day, error) {
	return pipeline.Day{}, f.act("%s unwaives %s", who.Name, key)
}

// put sets days' states.
func (f *fake) put(data status.DataState, attempt status.AttemptState, keys ...string) {
	for _, text := range keys {
		key := partition.MustParseKey(text)
		day := pipeline.Day{Partition: status.Partition{Key: key, Data: data, Attempt: attempt, Generation: 1, RunID: "RUN" + text}}
		if data == status.DataMaterialized || data == status.DataStale {
			day.Materialization = &status.Materialization{
				RunID: "RUN" + text, Generation: 1, RowsRead: 1440, Windows: 144, RowsWritten: 1152, Coverage: 1, Fingerprint: "f1ng3r",
				Duration: status.Durations{Total: 27 * time.Millisecond}, PublishedAt: f.now.Add(-time.Hour),
			}
		}
		if attempt == status.AttemptFailed {
			day.Failure = &status.Failure{Type: "EmptyPartition", Message: "the source has <no> sample of it"}
		}
		f.days[key] = day
	}
}

var errDown = &pipeline.UnavailableError{What: "the status tables", Cause: errors.New("no route to host")}
