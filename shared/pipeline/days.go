package pipeline

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"delfos/shared/partition"
	"delfos/shared/status"
)

// Day is one day of the calendar as it stands: with its attempt settled, so that a
// run that died has failed.
type Day struct {
	status.Partition

	Skipped bool // the time zone has no such day: nothing is expected of it
}

// Partitions reads the days from first to last, both inclusive, oldest first: every
// day of the range that is not before the first partition nor after the last day that
// has ended, also those that nothing ever happened to. One query. The error is an
// *InvalidError where last is before first.
//
// IAM: dynamodb:Query on the partitions table.
func (p *Pipeline) Partitions(ctx context.Context, first, last partition.Key) ([]Day, error) {
	if last.Before(first) {
		return nil, &InvalidError{"to", fmt.Sprintf("%s is before %s; want a last day that is not before the first", last, first)}
	}
	ctx, cancel := context.WithTimeout(ctx, readWithin)
	defer cancel()
	return p.days(ctx, first, last, p.now())
}

// days reads the days of a range that are of the pipeline at the instant now.
func (p *Pipeline) days(ctx context.Context, first, last partition.Key, now time.Time) ([]Day, error) {
	begin, end := p.options.Calendar.First(), p.options.Calendar.LastEnded(now)
	if first.Before(begin) {
		first = begin
	}
	if end.Before(last) {
		last = end
	}
	if last.Before(first) {
		return []Day{}, nil
	}
	records, err := p.records(ctx, first, last)
	if err != nil {
		return nil, err
	}
	return p.everyDay(first, last, records, now), nil
}

// atOnce is how many days one query reads where there are more: some 500 KB, half a
// page of DynamoDB. The queries of a longer range run beside each other.
const atOnce = 1000

// records reads the partitions of a range that have a record, oldest first.
func (p *Pipeline) records(ctx context.Context, first, last partition.Key) ([]status.Partition, error) {
	days := 1
	for key := first; key.Before(last); key = key.AddDays(1) {
		days++
	}
	parts := make([][]status.Partition, (days+atOnce-1)/atOnce)
	group, ctx := errgroup.WithContext(ctx)
	for i := range parts {
		begin := first.AddDays(i * atOnce)
		end := begin.AddDays(atOnce - 1)
		if last.Before(end) {
			end = last
		}
		group.Go(func() error {
			var err error
			parts[i], err = p.status.Partitions(ctx, p.options.Asset, begin, end)
			return explain(theStatus, err)
		})
	}
	err := group.Wait()
	return slices.Concat(parts...), err
}

// everyDay adds the days that have no record to those that have one, both oldest
// first.
func (p *Pipeline) everyDay(first, last partition.Key, records []status.Partition, now time.Time) []Day {
	keys := partition.Days(first, last)
	days := make([]Day, len(keys))
	for i, key := range keys {
		if len(records) > 0 && records[0].Key == key {
			days[i] = Day{Partition: settled(records[0], now)}
			records = records[1:]
			continue
		}
		days[i].Partition = status.Partition{Asset: p.options.Asset, Key: key, Data: status.DataMissing}
		days[i].Skipped = isSkipped(key, p.options.Calendar.Location())
	}
	return days
}

// settled shows the attempt as it stands now.
func settled(record status.Partition, now time.Time) status.Partition {
	record.Attempt, record.Failure = record.AttemptAt(now)
	return record
}

// isSkipped tells whether a time zone left out a whole day: its noon is then no time
// of that day. It is what an empty Calendar.Span says, at a fraction of its cost.
func isSkipped(key partition.Key, zone *time.Location) bool {
	noon, err := time.ParseInLocation("2006-01-02 15", key.String()+" 12", zone)
	return err == nil && partition.NewKey(noon) != key
}

// DayDetail is all about one day.
type DayDetail struct {
	Day

	Span           partition.Span // in UTC
	Runs           []Run          // the newest first, at most 50
	MoreRuns       string         // Page.Before of the ones before; empty where there are no more
	Around         []Day          // the days around it and itself, oldest first, at most 15
	Previous, Next partition.Key  // its neighbours; zero at the ends of the range
}

// Partition reads one day with its runs and the days around it. The error is a
// *NotFoundError for a day before the first partition, one that is not over, and one
// that the time zone skipped.
//
// IAM: dynamodb:Query on the partitions table and the runs table's index by_partition.
func (p *Pipeline) Partition(ctx context.Context, key partition.Key) (DayDetail, error) {
	now := p.now()
	if err := p.checkDay(key, now); err != nil {
		return DayDetail{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, readWithin)
	defer cancel()
	detail := DayDetail{Span: p.options.Calendar.Span(key)}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		var err error
		detail.Around, err = p.days(ctx, key.AddDays(-aroundDays), key.AddDays(aroundDays), now)
		return err
	})
	var runs status.RunPage
	group.Go(func() error {
		var err error
		runs, err = p.status.RunsOf(ctx, p.options.Asset, key, status.Page{})
		return explain(theStatus, err)
	})
	if err := group.Wait(); err != nil {
		return DayDetail{}, err
	}
	detail.place(key)
	detail.MoreRuns = runs.Next
	for _, run := range runs.Runs {
		detail.Runs = append(detail.Runs, settledRun(run, detail.Day.Partition, now))
	}
	return detail, nil
}

// aroundDays is how many days before and after one are shown with it.
const aroundDays = 7

// place finds the day and its neighbours among the days around it.
func (d *DayDetail) place(key partition.Key) {
	i := slices.IndexFunc(d.Around, func(day Day) bool { return day.Key == key })
	if i < 0 {
		return // never: the day has been checked
	}
	d.Day = d.Around[i]
	if i > 0 {
		d.Previous = d.Around[i-1].Key
	}
	if i+1 < len(d.Around) {
		d.Next = d.Around[i+1].Key
	}
}

// checkDay tells why a day is none of the pipeline's.
func (p *Pipeline) checkDay(key partition.Key, now time.Time) error {
	err := p.options.Calendar.Check(key, now)
	if outside, ok := errors.AsType[*partition.RangeError](err); ok {
		return &NotFoundError{"partition", key.String(), outside.Reason}
	}
	return err
}
