package local

import (
	"context"
	"errors"
	"fmt"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awsdynamodb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"delfos/infra/local/template"
)

// createTables makes those tables of the template that are not there yet,
// through the endpoint, as CloudFormation would.
func (s *Stack) createTables(ctx context.Context) error {
	client := dynamoDBClient(s.awsURL())
	return s.step("Tables", func() (string, error) {
		made := 0
		for _, table := range s.template.Tables {
			isNew, err := createTable(ctx, client, table)
			if err != nil {
				return "", fmt.Errorf("create table %s: %w", table.LogicalID, err)
			}
			if isNew {
				made++
			}
		}
		return fmt.Sprintf("%d, %d of them new", len(s.template.Tables), made), nil
	})
}

func dynamoDBClient(endpointURL string) *awsdynamodb.Client {
	return awsdynamodb.New(awsdynamodb.Options{
		Region: Region, BaseEndpoint: aws.String(endpointURL),
		Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
	})
}

// createTable makes a table, or finds that it is there as the template has it.
func createTable(ctx context.Context, client *awsdynamodb.Client, table template.Table) (isNew bool, err error) {
	_, err = client.CreateTable(ctx, &table.Create)
	if _, exists := errors.AsType[*types.ResourceInUseException](err); exists {
		err = checkTable(ctx, client, table)
	} else {
		isNew = err == nil
	}
	if err != nil {
		return false, err
	}
	return isNew, keepTimeToLive(ctx, client, table)
}

// checkTable refuses a table whose keys or indexes are not the template's.
func checkTable(ctx context.Context, client *awsdynamodb.Client, table template.Table) error {
	found, err := client.DescribeTable(ctx, &awsdynamodb.DescribeTableInput{TableName: table.Create.TableName})
	if err != nil {
		return err
	}
	there := map[string][]string{"": keysOf(found.Table.KeySchema)} // and by the indexes' names
	for _, index := range found.Table.GlobalSecondaryIndexes {
		there[*index.IndexName] = keysOf(index.KeySchema)
	}
	wanted := map[string][]string{"": keysOf(table.Create.KeySchema)}
	for _, index := range table.Create.GlobalSecondaryIndexes {
		wanted[*index.IndexName] = keysOf(index.KeySchema)
	}
	if !reflect.DeepEqual(there, wanted) {
		return fmt.Errorf("it is there with the keys %v, and template.yaml has %v: start anew with --fresh", there, wanted)
	}
	return nil
}

func keysOf(schema []types.KeySchemaElement) []string {
	keys := make([]string, 0, len(schema))
	for _, element := range schema {
		keys = append(keys, string(element.KeyType)+" "+*element.AttributeName)
	}
	return keys
}

func keepTimeToLive(ctx context.Context, client *awsdynamodb.Client, table template.Table) error {
	if table.TimeToLive == "" {
		return nil
	}
	found, err := client.DescribeTimeToLive(ctx, &awsdynamodb.DescribeTimeToLiveInput{TableName: table.Create.TableName})
	if err != nil || aws.ToString(found.TimeToLiveDescription.AttributeName) == table.TimeToLive {
		return err
	}
	_, err = client.UpdateTimeToLive(ctx, &awsdynamodb.UpdateTimeToLiveInput{
		TableName: table.Create.TableName,
		TimeToLiveSpecification: &types.TimeToLiveSpecification{
			AttributeName: &table.TimeToLive, Enabled: aws.Bool(true),
		},
	})
	return err
}
