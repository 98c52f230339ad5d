// Package statustest says what the status store promises, as one suite that
// holds for every DynamoDB it runs on.
package statustest

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"delfos/shared/status"
)

// CreateTables creates the store's three tables, named prefix-partitions,
// prefix-runs and prefix-backfills, with the keys and the indexes that
// template.yaml gives them. A local DynamoDB has them at once; on AWS they take
// some seconds more.
func CreateTables(ctx context.Context, client *dynamodb.Client, prefix string) (status.Tables, error) {
	tables := status.Tables{Partitions: prefix + "-partitions", Runs: prefix + "-runs", Backfills: prefix + "-backfills"}
	for _, table := range []*dynamodb.CreateTableInput{
		{
			TableName:            &tables.Partitions,
			AttributeDefinitions: attributes("asset", "partition"),
			KeySchema:            key("asset", "partition"),
			BillingMode:          types.BillingModePayPerRequest,
		},
		{
			TableName:            &tables.Runs,
			AttributeDefinitions: attributes("asset", "run_id", "asset_partition"),
			KeySchema:            key("asset", "run_id"),
			BillingMode:          types.BillingModePayPerRequest,
			GlobalSecondaryIndexes: []types.GlobalSecondaryIndex{{
				IndexName:  aws.String(status.RunsByPartition),
				KeySchema:  key("asset_partition", "run_id"),
				Projection: &types.Projection{ProjectionType: types.ProjectionTypeAll},
			}},
		},
		{
			TableName:            &tables.Backfills,
			AttributeDefinitions: attributes("asset", "backfill_id", "start_key"),
			KeySchema:            key("asset", "backfill_id"),
			BillingMode:          types.BillingModePayPerRequest,
			GlobalSecondaryIndexes: []types.GlobalSecondaryIndex{{
				IndexName:  aws.String(status.BackfillsByStart),
				KeySchema:  key("asset", "start_key"),
				Projection: &types.Projection{ProjectionType: types.ProjectionTypeAll},
			}},
		},
	} {
		if _, err := client.CreateTable(ctx, table); err != nil {
			return status.Tables{}, fmt.Errorf("create table %s: %w", *table.TableName, err)
		}
	}
	return tables, nil
}

func attributes(names ...string) []types.AttributeDefinition {
	definitions := make([]types.AttributeDefinition, len(names))
	for i, name := range names {
		definitions[i] = types.AttributeDefinition{AttributeName: aws.String(name), AttributeType: types.ScalarAttributeTypeS}
	}
	return definitions
}

func key(hash, order string) []types.KeySchemaElement {
	return []types.KeySchemaElement{
		{AttributeName: aws.String(hash), KeyType: types.KeyTypeHash},
		{AttributeName: aws.String(order), KeyType: types.KeyTypeRange},
	}
}
