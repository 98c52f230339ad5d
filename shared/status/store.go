package status

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"delfos/shared/partition"
)

// DynamoDB is what the store asks of the SDK's client. How often and how long
// the client retries is its own configuration, within the context's deadline.
type DynamoDB interface {
	GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error)
	PutItem(context.Context, *dynamodb.PutItemInput, ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error)
	UpdateItem(context.Context, *dynamodb.UpdateItemInput, ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error)
	Query(context.Context, *dynamodb.QueryInput, ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error)
}

// Tables are the names of the store's tables.
type Tables struct {
	Partitions string // of the environment variable PARTITIONS_TABLE
	Runs       string // of RUNS_TABLE
	Backfills  string // of BACKFILLS_TABLE
}

// The tables' indexes.
const (
	RunsByPartition  = "by_partition" // of the runs table: asset_partition, run_id
	BackfillsByStart = "by_start"     // of the backfills table: asset, start_key
)

// Store keeps the status in DynamoDB. It is safe for concurrent use, within a
// process and between processes.
//
// Every write is a conditional write of one item, and may be repeated with the
// same arguments: what it did already, it recognises. Methods return an
// *UnavailableError where DynamoDB did not do its part and a *TableNotFoundError
// where a table does not exist; besides these, what they document.
type Store struct {
	client DynamoDB
	tables Tables
}

// New makes a store on the client's account and region.
func New(client DynamoDB, tables Tables) *Store {
	return &Store{client, tables}
}

// Partition reads one partition's record, as of all writes that were answered
// before. A partition without a record is missing, and has never been attempted.
func (s *Store) Partition(ctx context.Context, asset string, key partition.Key) (Partition, error) {
	if err := checkPartition(asset, key); err != nil {
		return Partition{}, fmt.Errorf("read a partition: %w", err)
	}
	found, err := s.get(ctx, s.tables.Partitions, partitionKey(asset, key))
	if err != nil {
		return Partition{}, fmt.Errorf("read partition %s of %s: %w", key, asset, err)
	}
	if found == nil {
		return Partition{Asset: asset, Key: key, Data: DataMissing}, nil
	}
	return toPartition(found)
}

// Partitions reads the records of the days from first to last, both inclusive,
// oldest first. Days without a record are left out.
func (s *Store) Partitions(ctx context.Context, asset string, first, last partition.Key) ([]Partition, error) {
	if err := errors.Join(checkPartition(asset, first), checkPartition(asset, last)); err != nil {
		return nil, fmt.Errorf("read partitions: %w", err)
	}
	if last.Before(first) {
		return nil, fmt.Errorf("read partitions: from %s to %s: want a first day that is not after the last", first, last)
	}
	condition := "#asset = :asset AND #partition BETWEEN :first AND :last"
	query := &dynamodb.QueryInput{
		TableName:                 &s.tables.Partitions,
		ConsistentRead:            aws.Bool(true),
		KeyConditionExpression:    &condition,
		ExpressionAttributeNames:  namesIn(condition),
		ExpressionAttributeValues: item{":asset": text(asset), ":first": text(first.String()), ":last": text(last.String())},
	}
	items, err := s.queryAll(ctx, query, 0)
	if err != nil {
		return nil, fmt.Errorf("read partitions %s to %s of %s: %w", first, last, asset, err)
	}
	return decode(items, toPartition)
}

func (s *Store) get(ctx context.Context, table string, key item) (item, error) {
	answer, err := s.client.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: &table, Key: key, ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		return nil, s.explain("GetItem", table, err)
	}
	return answer.Item, nil
}

// queryAll follows the pages of a query until it has limit items, or all for 0.
func (s *Store) queryAll(ctx context.Context, query *dynamodb.QueryInput, limit int) ([]item, error) {
	var items []item
	for {
		if limit > 0 {
			query.Limit = aws.Int32(int32(limit - len(items))) // at most MaxPage+1
		}
		page, err := s.client.Query(ctx, query)
		if err != nil {
			return nil, s.explain("Query", *query.TableName, err)
		}
		items = append(items, page.Items...)
		if page.LastEvaluatedKey == nil || (limit > 0 && len(items) >= limit) {
			return items, nil
		}
		query.ExclusiveStartKey = page.LastEvaluatedKey
	}
}

func partitionKey(asset string, key partition.Key) item {
	return item{"asset": text(asset), "partition": text(key.String())}
}

func decode[T any](items []item, one func(item) (T, error)) ([]T, error) {
	records := make([]T, len(items))
	for i := range items {
		var err error
		if records[i], err = one(items[i]); err != nil {
			return nil, err
		}
	}
	return records, nil
}

func checkPartition(asset string, key partition.Key) error {
	if asset == "" {
		return errors.New("asset: want a name")
	}
	if key.IsZero() {
		return errors.New("partition: want a day")
	}
	return nil
}
