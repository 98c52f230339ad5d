package status

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// The bounds of a page.
const (
	DefaultPage = 50
	MaxPage     = 1000
)

// Page asks for some runs or backfills.
type Page struct {
	Limit  int    // 1 to MaxPage; 0 means DefaultPage
	Before string // only what comes after the page that has this Next; empty for the newest
}

// RunPage is some runs, newest first.
type RunPage struct {
	Runs []Run
	Next string // Page.Before of the next page; empty after the last
}

// BackfillPage is some backfills, those that were started last first.
type BackfillPage struct {
	Backfills []Backfill
	Next      string // Page.Before of the next page; empty after the last
}

// pageOf says what a page is a page of: items with a value of the hash key, in
// descending order of the other.
type pageOf struct {
	table       string
	index       string // empty for the table itself, which is read consistently
	hash, value string
	order       string
}

// readPage asks for one item more than the page holds, which tells whether there
// are more.
func readPage[T any](ctx context.Context, s *Store, page Page, of pageOf, one func(item) (T, error)) (records []T, more bool, err error) {
	if page.Limit == 0 {
		page.Limit = DefaultPage
	}
	if page.Limit < 1 || page.Limit > MaxPage {
		return nil, false, fmt.Errorf("limit %d: want 1 to %d", page.Limit, MaxPage)
	}
	condition, values := "#"+of.hash+" = :hash", item{":hash": text(of.value)}
	if page.Before != "" {
		condition += " AND #" + of.order + " < :before"
		values[":before"] = text(page.Before)
	}
	query := &dynamodb.QueryInput{
		TableName:                 &of.table,
		KeyConditionExpression:    &condition,
		ExpressionAttributeNames:  namesIn(condition),
		ExpressionAttributeValues: values,
		ScanIndexForward:          aws.Bool(false),
	}
	if of.index == "" {
		query.ConsistentRead = aws.Bool(true)
	} else {
		query.IndexName = &of.index
	}
	items, err := s.queryAll(ctx, query, page.Limit+1)
	if err != nil {
		return nil, false, err
	}
	records, err = decode(items[:min(len(items), page.Limit)], one)
	return records, len(items) > page.Limit, err
}
