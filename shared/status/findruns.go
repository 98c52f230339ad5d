package status

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/oklog/ulid/v2"

	"delfos/shared/partition"
)

// RunQuery says which runs are looked for; what is zero is not looked at.
type RunQuery struct {
	Partition  partition.Key
	BackfillID string
	Trigger    Trigger
	// Outcome is as recorded. Runs that are recorded as running are found as well: one
	// that died stays so, and Run.OutcomeAt tells how it ended.
	Outcome Outcome
	Since   time.Time // that were started in its millisecond or after
}

// mostRead bounds what one FindRuns reads: 10 pages of DynamoDB, of 1 MB each.
const mostRead = 10

// FindRuns reads runs that a query takes, newest first. DynamoDB reads the others, too,
// and leaves them out: a page may hold less than its limit, or nothing, and have a Next
// nonetheless. With a partition, an index is read, as RunsOf does.
func (s *Store) FindRuns(ctx context.Context, asset string, q RunQuery, page Page) (RunPage, error) {
	if asset == "" {
		return RunPage{}, errors.New("find runs: asset: want a name")
	}
	if page.Limit == 0 {
		page.Limit = DefaultPage
	}
	if page.Limit < 1 || page.Limit > MaxPage {
		return RunPage{}, fmt.Errorf("find runs: limit %d: want 1 to %d", page.Limit, MaxPage)
	}
	if since := firstIDOf(q.Since); page.Before != "" && !q.Since.IsZero() && page.Before <= since {
		return RunPage{}, nil // DynamoDB refuses a range that is upside down
	}
	query := s.findQuery(asset, q, page)
	var answer RunPage
	for read := 0; ; read++ {
		found, err := s.client.Query(ctx, query)
		if err != nil {
			return RunPage{}, fmt.Errorf("find runs of %s: %w", asset, s.explain("Query", s.tables.Runs, err))
		}
		runs, err := decode(found.Items, toRun)
		if err != nil {
			return RunPage{}, err
		}
		answer.add(runs, page, found.LastEvaluatedKey)
		if answer.Next == "" || len(answer.Runs) == page.Limit || read+1 == mostRead {
			return answer, nil
		}
		query.ExclusiveStartKey = found.LastEvaluatedKey
	}
}

// add takes runs until the page is full; last is the key of the last run that was read,
// nil where there are no more.
func (p *RunPage) add(runs []Run, page Page, last item) {
	p.Next = newRecord(last).text("run_id")
	for i, run := range runs {
		if run.ID == page.Before { // BETWEEN takes its bounds
			continue
		}
		p.Runs = append(p.Runs, run)
		if len(p.Runs) == page.Limit && (i < len(runs)-1 || last != nil) {
			p.Next = run.ID
			return
		}
	}
}

func (s *Store) findQuery(asset string, q RunQuery, page Page) *dynamodb.QueryInput {
	query := &dynamodb.QueryInput{TableName: &s.tables.Runs, ScanIndexForward: aws.Bool(false)}
	keys, values := "#asset = :hash", item{":hash": text(asset)}
	if q.Partition.IsZero() {
		query.ConsistentRead = aws.Bool(true)
	} else {
		keys, values[":hash"] = "#asset_partition = :hash", text(assetPartition(asset, q.Partition))
		query.IndexName = aws.String(RunsByPartition)
	}
	if page.Before != "" {
		values[":before"] = text(page.Before)
	}
	if !q.Since.IsZero() {
		values[":since"] = text(firstIDOf(q.Since))
	}
	switch {
	case page.Before != "" && !q.Since.IsZero():
		keys += " AND #run_id BETWEEN :since AND :before"
	case page.Before != "":
		keys += " AND #run_id < :before"
	case !q.Since.IsZero():
		keys += " AND #run_id >= :since"
	}
	filter := q.filter(values)
	query.KeyConditionExpression, query.ExpressionAttributeValues = &keys, values
	query.ExpressionAttributeNames = namesIn(keys, filter)
	if filter != "" {
		query.FilterExpression = &filter
	} else {
		query.Limit = aws.Int32(int32(page.Limit + 1)) // at most MaxPage+1
	}
	return query
}

// filter is what DynamoDB leaves runs out by.
func (q RunQuery) filter(values item) string {
	var conditions []string
	for name, value := range map[string]string{"backfill_id": q.BackfillID, "trigger": string(q.Trigger)} {
		if value != "" {
			conditions = append(conditions, "#"+name+" = :"+name)
			values[":"+name] = &types.AttributeValueMemberS{Value: value}
		}
	}
	if q.Outcome != "" {
		conditions = append(conditions, "#outcome IN (:outcome, :running)")
		values[":outcome"], values[":running"] = text(q.Outcome), text(OutcomeRunning)
	}
	return strings.Join(conditions, " AND ")
}

// firstIDOf is not after the id of every run that was started in an instant's millisecond.
func firstIDOf(at time.Time) string {
	var id ulid.ULID
	if err := id.SetTime(ulid.Timestamp(at)); err != nil {
		return "" // never: it is after the year 10889
	}
	return id.String()
}
