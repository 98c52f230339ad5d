package pipeline

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/oklog/ulid/v2"

	"delfos/shared/backfill"
	"delfos/shared/backfill/report"
	"delfos/shared/partition"
	"delfos/shared/status"
)

// Item is one partition of a backfill.
type Item struct {
	Partition partition.Key
	Outcome   report.Outcome
	Failure   *status.Failure // why it failed or was cancelled
	RunID     string          // the run that it is by; empty while it waits
	StartedAt time.Time       // of the run; zero while it waits
	Took      time.Duration   // of the run; up to now while it runs
	Rows      int64           // that were published
}

// ItemFilter says which items are wanted; what is zero is not looked at.
type ItemFilter struct {
	Outcome report.Outcome
}

// ItemList is the items of a backfill, in the order of the plan.
type ItemList struct {
	Counts Counts // of all, whatever the filter
	Items  []Item
	Next   string // Page.Before of the next page; empty after the last
	Over   bool   // nothing of the backfill goes on
}

// Items lists the partitions of a backfill and what became of each. It is one query
// of the partitions, and two calls of Step Functions that are asked once for each
// execution. The list is empty until the plan is made, and where the execution is
// forgotten. The errors are those of Backfill.
//
// IAM: as Backfill.
func (p *Pipeline) Items(ctx context.Context, name string, filter ItemFilter, page Page) (ItemList, error) {
	if page.Limit == 0 {
		page.Limit = status.DefaultPage
	}
	if page.Limit < 1 || page.Limit > backfill.MaxDays {
		return ItemList{}, &InvalidError{"limit", fmt.Sprintf("it is %d; want 1 to %d", page.Limit, backfill.MaxDays)}
	}
	ctx, cancel := context.WithTimeout(ctx, readWithin)
	defer cancel()
	b, err := p.execution(ctx, name)
	if err != nil {
		return ItemList{Over: true}, p.recallable(ctx, name, err)
	}
	all, err := p.itemsOf(ctx, b)
	if err != nil {
		return ItemList{}, err
	}
	list, err := listItems(all, filter, page)
	list.Over = b.Over()
	return list, err
}

// listItems counts all items, and picks a page of those that the filter takes. Before
// is how many of them come before the page.
func listItems(all []Item, filter ItemFilter, page Page) (ItemList, error) {
	list := ItemList{Items: []Item{}}
	from := 0
	if page.Before != "" {
		var err error
		if from, err = strconv.Atoi(page.Before); err != nil || from < 0 {
			return ItemList{}, &InvalidError{"before", "want the next of the page before, or nothing"}
		}
	}
	taken := 0
	for _, item := range all {
		list.Counts.add(item.Outcome)
		if filter.Outcome != "" && item.Outcome != filter.Outcome {
			continue
		}
		taken++
		switch {
		case taken <= from:
		case len(list.Items) < page.Limit:
			list.Items = append(list.Items, item)
		default:
			list.Next = strconv.Itoa(from + page.Limit)
		}
	}
	return list, nil
}

// itemsOf tells what became of each partition that was planned.
func (p *Pipeline) itemsOf(ctx context.Context, b BackfillDetail) ([]Item, error) {
	planned, err := p.planned(ctx, b.ARN)
	if err != nil || len(planned) == 0 {
		return nil, err
	}
	records, err := p.records(ctx, slices.MinFunc(planned, partition.Key.Compare), slices.MaxFunc(planned, partition.Key.Compare))
	if err != nil {
		return nil, err
	}
	byKey := make(map[partition.Key]*status.Partition, len(records))
	for i := range records {
		byKey[records[i].Key] = &records[i]
	}
	now, told := p.now(), b.told()
	items := make([]Item, len(planned))
	for i, key := range planned {
		record := byKey[key]
		if record == nil {
			record = &status.Partition{Key: key}
		}
		items[i] = b.item(record, told[key], now)
	}
	return items, nil
}

// told is what the report of a backfill that is over says of its partitions.
func (b BackfillDetail) told() map[partition.Key]report.Outcome {
	told := map[partition.Key]report.Outcome{}
	if b.Report == nil || !b.Over() {
		return told
	}
	for outcome, keys := range map[report.Outcome]report.Days{
		report.Materialized: b.Report.Materialized, report.Failed: b.Report.Failed,
		report.Cancelled: b.Report.Cancelled, report.Waived: b.Report.Waived,
	} {
		for _, key := range keys {
			told[key] = outcome
		}
	}
	return told
}

// item tells what became of one partition. What its record says may be of a later run;
// what the report told goes before it.
func (b BackfillDetail) item(record *status.Partition, told report.Outcome, now time.Time) Item {
	item := Item{Partition: record.Key}
	item.Outcome, item.Failure = report.Judge(*record, status.Backfill{ID: b.Name, StartedAt: b.StartedAt}, now)
	if told != "" && told != item.Outcome {
		item.Outcome, item.Failure = told, nil
		if told == report.Failed {
			item.Failure = &status.Failure{Type: report.NotRun, Message: "no run of this backfill is recorded any more: its runs, or the map run's child execution, say why"}
		}
	}
	published := record.Materialization
	switch {
	case item.Outcome == report.Materialized && published != nil:
		item.RunID, item.Rows, item.Took = published.RunID, published.RowsWritten, published.Duration.Total
	case record.BackfillID == b.Name:
		item.RunID = record.RunID
	default:
		return item
	}
	item.StartedAt = startOf(item.RunID)
	switch {
	case item.StartedAt.IsZero():
	case item.Outcome == report.Running:
		item.Took = max(0, now.Sub(item.StartedAt))
	case item.Outcome == report.Failed, item.Outcome == report.Cancelled:
		item.Took = max(0, record.UpdatedAt.Sub(item.StartedAt))
	}
	return item
}

// startOf is when a run began, which its id says; zero where it is no ULID.
func startOf(runID string) time.Time {
	id, err := ulid.ParseStrict(runID)
	if err != nil {
		return time.Time{}
	}
	return ulid.Time(id.Time()).UTC()
}
