package pipeline

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// dynamoDB is a status.DynamoDB of operations without their client, as services are.
type dynamoDB struct {
	getItem    operation[dynamodb.GetItemInput, dynamodb.GetItemOutput, dynamodb.Options]
	putItem    operation[dynamodb.PutItemInput, dynamodb.PutItemOutput, dynamodb.Options]
	updateItem operation[dynamodb.UpdateItemInput, dynamodb.UpdateItemOutput, dynamodb.Options]
	query      operation[dynamodb.QueryInput, dynamodb.QueryOutput, dynamodb.Options]
}

func newDynamoDB(config aws.Config) dynamoDB {
	client := dynamodb.NewFromConfig(config)
	return dynamoDB{client.GetItem, client.PutItem, client.UpdateItem, client.Query}
}

// GetItem is the client's.
func (d dynamoDB) GetItem(ctx context.Context, input *dynamodb.GetItemInput, options ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	return d.getItem(ctx, input, options...)
}

// PutItem is the client's.
func (d dynamoDB) PutItem(ctx context.Context, input *dynamodb.PutItemInput, options ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	return d.putItem(ctx, input, options...)
}

// UpdateItem is the client's.
func (d dynamoDB) UpdateItem(ctx context.Context, input *dynamodb.UpdateItemInput, options ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	return d.updateItem(ctx, input, options...)
}

// Query is the client's.
func (d dynamoDB) Query(ctx context.Context, input *dynamodb.QueryInput, options ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	return d.query(ctx, input, options...)
}
