package status

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"delfos/shared/partition"
)

// Run reads one run's record, as of all writes that were answered before. The
// error is a *RunNotFoundError where it has none.
func (s *Store) Run(ctx context.Context, asset, id string) (Run, error) {
	if asset == "" || id == "" {
		return Run{}, errors.New("read a run: asset and run id: want both")
	}
	found, err := s.get(ctx, s.tables.Runs, runKey(asset, id))
	if err != nil {
		return Run{}, fmt.Errorf("read run %s: %w", id, err)
	}
	if found == nil {
		return Run{}, &RunNotFoundError{Asset: asset, ID: id}
	}
	return toRun(found)
}

// The bounds of a page of runs.
const (
	DefaultPage = 50
	MaxPage     = 1000
)

// Page asks for some runs.
type Page struct {
	Limit  int    // 1 to MaxPage; 0 means DefaultPage
	Before string // only runs with a lower id; empty for the newest
}

// RunPage is some runs, newest first.
type RunPage struct {
	Runs []Run
	Next string // Page.Before of the next page; empty after the last
}

// Runs reads an asset's runs, newest first, as of all writes that were answered
// before.
func (s *Store) Runs(ctx context.Context, asset string, page Page) (RunPage, error) {
	if asset == "" {
		return RunPage{}, errors.New("list runs: asset: want a name")
	}
	runs, err := s.page(ctx, page, "asset", asset, func(query *dynamodb.QueryInput) {
		query.ConsistentRead = aws.Bool(true)
	})
	if err != nil {
		return RunPage{}, fmt.Errorf("list the runs of %s: %w", asset, err)
	}
	return runs, nil
}

// RunsOf reads a partition's runs, newest first. It reads an index, which on AWS
// may lag behind the writes by some milliseconds (DynamoDB Developer Guide,
// "Global secondary indexes": eventual consistency).
func (s *Store) RunsOf(ctx context.Context, asset string, key partition.Key, page Page) (RunPage, error) {
	if err := checkPartition(asset, key); err != nil {
		return RunPage{}, fmt.Errorf("list the runs of a partition: %w", err)
	}
	runs, err := s.page(ctx, page, "asset_partition", assetPartition(asset, key), func(query *dynamodb.QueryInput) {
		query.IndexName = aws.String(RunsByPartition)
	})
	if err != nil {
		return RunPage{}, fmt.Errorf("list the runs of partition %s of %s: %w", key, asset, err)
	}
	return runs, nil
}

// page asks for one run more than the page holds, which tells whether there is a
// next page.
func (s *Store) page(ctx context.Context, page Page, hash, value string, options func(*dynamodb.QueryInput)) (RunPage, error) {
	if page.Limit == 0 {
		page.Limit = DefaultPage
	}
	if page.Limit < 1 || page.Limit > MaxPage {
		return RunPage{}, fmt.Errorf("limit %d: want 1 to %d", page.Limit, MaxPage)
	}
	condition, values := "#"+hash+" = :hash", item{":hash": text(value)}
	if page.Before != "" {
		condition += " AND #run_id < :before"
		values[":before"] = text(page.Before)
	}
	query := &dynamodb.QueryInput{
		TableName:                 &s.tables.Runs,
		KeyConditionExpression:    &condition,
		ExpressionAttributeNames:  namesIn(condition),
		ExpressionAttributeValues: values,
		ScanIndexForward:          aws.Bool(false),
	}
	options(query)
	items, err := s.queryAll(ctx, query, page.Limit+1)
	if err != nil {
		return RunPage{}, err
	}
	var next RunPage
	next.Runs, err = decode(items[:min(len(items), page.Limit)], toRun)
	if err == nil && len(items) > page.Limit {
		next.Next = next.Runs[page.Limit-1].ID
	}
	return next, err
}
