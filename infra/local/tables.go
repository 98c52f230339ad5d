package local

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awsdynamodb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"delfos/infra/local/template"
)

// createTables makes those tables of the template that are not there yet,
// through the endpoint, as CloudFormation would.
func (s *Stack) createTables(ctx context.Context) error {
	client := awsdynamodb.New(awsdynamodb.Options{
		Region: Region, BaseEndpoint: aws.String(s.awsURL()),
		Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
	})
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

func createTable(ctx context.Context, client *awsdynamodb.Client, table template.Table) (isNew bool, err error) {
	_, err = client.CreateTable(ctx, &table.Create)
	if _, ok := errors.AsType[*types.ResourceInUseException](err); ok {
		return false, nil
	}
	if err != nil || table.TimeToLive == "" {
		return err == nil, err
	}
	_, err = client.UpdateTimeToLive(ctx, &awsdynamodb.UpdateTimeToLiveInput{
		TableName: table.Create.TableName,
		TimeToLiveSpecification: &types.TimeToLiveSpecification{
			AttributeName: &table.TimeToLive, Enabled: aws.Bool(true),
		},
	})
	return err == nil, err
}
