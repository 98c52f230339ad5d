package cloudformation_test

import (
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscloudformation "github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/smithy-go"
)

func TestWhatIsNotThereOrNotDoneIsRefused(t *testing.T) {
	t.Parallel()
	client, ctx := newClient(t, newService()), t.Context()
	none, known := aws.String("none"), aws.String("delfos")
	for name, test := range map[string]struct {
		call          func() error
		code, message string
	}{
		"DescribeStacks": {func() error {
			_, err := client.DescribeStacks(ctx, &awscloudformation.DescribeStacksInput{StackName: none})
			return err
		}, "ValidationError", "Stack with id none does not exist"},
		"ListStackResources": {func() error {
			_, err := client.ListStackResources(ctx, &awscloudformation.ListStackResourcesInput{StackName: none})
			return err
		}, "ValidationError", "Stack with id none does not exist"},
		"ListStackResources, a page that nobody told of": {func() error {
			_, err := client.ListStackResources(ctx, &awscloudformation.ListStackResourcesInput{StackName: known, NextToken: aws.String("x")})
			return err
		}, "ValidationError", `NextToken "x" is not one that was given out`},
		"DescribeStackResources": {func() error {
			_, err := client.DescribeStackResources(ctx, &awscloudformation.DescribeStackResourcesInput{StackName: none})
			return err
		}, "ValidationError", "Stack with id none does not exist"},
		"DescribeStackResources of one": {func() error {
			_, err := client.DescribeStackResources(ctx, &awscloudformation.DescribeStackResourcesInput{StackName: known, LogicalResourceId: none})
			return err
		}, "ValidationError", "Resource none does not exist for stack delfos"},
		"DescribeStackResources by a physical id": {func() error {
			_, err := client.DescribeStackResources(ctx, &awscloudformation.DescribeStackResourcesInput{PhysicalResourceId: none})
			return err
		}, "ValidationError", "Stack for none does not exist"},
		"DescribeStackResources by both": {func() error {
			_, err := client.DescribeStackResources(ctx, &awscloudformation.DescribeStackResourcesInput{StackName: known, PhysicalResourceId: aws.String("delfos-Fn")})
			return err
		}, "ValidationError", "PhysicalResourceId goes with neither StackName nor LogicalResourceId"},
		"DescribeStackResource": {func() error {
			_, err := client.DescribeStackResource(ctx, &awscloudformation.DescribeStackResourceInput{StackName: none, LogicalResourceId: aws.String("Fn")})
			return err
		}, "ValidationError", "Stack 'none' does not exist"},
		"DescribeStackResource of one": {func() error {
			_, err := client.DescribeStackResource(ctx, &awscloudformation.DescribeStackResourceInput{StackName: known, LogicalResourceId: none})
			return err
		}, "ValidationError", "Resource none does not exist for stack delfos"},
		"DeleteStack": {func() error {
			_, err := client.DeleteStack(ctx, &awscloudformation.DeleteStackInput{StackName: known})
			return err
		}, "InvalidAction", "the local CloudFormation does not implement DeleteStack"},
		"CreateChangeSet": {func() error {
			_, err := client.CreateChangeSet(ctx, &awscloudformation.CreateChangeSetInput{StackName: known, ChangeSetName: known})
			return err
		}, "InvalidAction", "the local CloudFormation does not implement CreateChangeSet"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := test.call()
			var refused smithy.APIError
			if !errors.As(err, &refused) || refused.ErrorCode() != test.code || refused.ErrorMessage() != test.message {
				t.Errorf("got %v, want %s: %s", err, test.code, test.message)
			}
		})
	}
}
