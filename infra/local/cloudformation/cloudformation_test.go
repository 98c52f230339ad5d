package cloudformation_test

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awscloudformation "github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/google/go-cmp/cmp"

	"delfos/infra/local/cloudformation"
	"delfos/infra/local/endpoint"
)

var created = time.Date(2026, 2, 20, 12, 30, 15, 250e6, time.UTC)

func newService() *cloudformation.Service {
	return &cloudformation.Service{
		Region: "eu-west-1", AccountID: "123456789012", NewID: func() string { return "an-id" },
		Stack: cloudformation.Stack{
			Name: "delfos", Description: "Turbines & days.", Created: created,
			Parameters: []cloudformation.Parameter{{Key: "Asset", Value: "turbine-1"}, {Key: "Subnets"}, {Key: "Password", Value: "secret", NoEcho: true}},
			Outputs: []cloudformation.Output{
				{Key: "Url", Value: "http://127.0.0.1:8000", Description: "The <API>."}, {Key: "Bare", Value: "v"},
			},
			Resources: []cloudformation.Resource{
				{LogicalID: "Fn", PhysicalID: "delfos-Fn", Type: "AWS::Lambda::Function"},
				{LogicalID: "Queue", PhysicalID: "http://127.0.0.1:4566/123456789012/letters", Type: "AWS::SQS::Queue"},
			},
		},
	}
}

// newClient is AWS's own client of a service behind the endpoint.
func newClient(t *testing.T, service *cloudformation.Service) *awscloudformation.Client {
	t.Helper()
	server := httptest.NewServer(endpoint.Handler(endpoint.Services{CloudFormation: service}))
	t.Cleanup(server.Close)
	return awscloudformation.New(awscloudformation.Options{
		BaseEndpoint: &server.URL, Region: "eu-west-1", RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("any", "any", ""),
	})
}

func describe(t *testing.T, client *awscloudformation.Client, name *string) types.Stack {
	t.Helper()
	answer, err := client.DescribeStacks(t.Context(), &awscloudformation.DescribeStacksInput{StackName: name})
	if err != nil {
		t.Fatal(err)
	}
	if len(answer.Stacks) != 1 {
		t.Fatalf("%d stacks, want 1", len(answer.Stacks))
	}
	return answer.Stacks[0]
}

func TestTheAWSClientFindsTheStackByItsName(t *testing.T) {
	t.Parallel()
	client := newClient(t, newService())
	stack := describe(t, client, aws.String("delfos"))
	shown := map[string]string{}
	for _, p := range stack.Parameters {
		shown["parameter "+*p.ParameterKey] = *p.ParameterValue
	}
	for _, o := range stack.Outputs {
		shown["output "+*o.OutputKey] = *o.OutputValue + "|" + aws.ToString(o.Description)
	}
	want := map[string]string{
		"parameter Asset": "turbine-1", "parameter Subnets": "", "parameter Password": "****",
		"output Url": "http://127.0.0.1:8000|The <API>.", "output Bare": "v|",
	}
	if diff := cmp.Diff(want, shown); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if *stack.StackName != "delfos" || *stack.Description != "Turbines & days." || stack.StackStatus != types.StackStatusCreateComplete || !stack.CreationTime.Equal(created) {
		t.Errorf("stack %s, %s, %s, of %s", *stack.StackName, *stack.Description, stack.StackStatus, stack.CreationTime)
	}
	if byID, alone := describe(t, client, stack.StackId), describe(t, client, nil); *byID.StackId != *stack.StackId || *alone.StackId != *stack.StackId {
		t.Errorf("ids %s, %s and %s, want the same", *stack.StackId, *byID.StackId, *alone.StackId)
	}
}

func TestAStacksIDIsItsOwn(t *testing.T) {
	t.Parallel()
	first, again, later := newService(), newService(), newService()
	again.Stack.Parameters[0].Value = "turbine-2"
	later.Stack.Created = created.Add(time.Hour)
	var ids []string
	for _, service := range []*cloudformation.Service{first, again, later} {
		ids = append(ids, *describe(t, newClient(t, service), nil).StackId)
	}
	if !strings.HasPrefix(ids[0], "arn:aws:cloudformation:eu-west-1:123456789012:stack/delfos/") {
		t.Error(ids[0])
	}
	if ids[0] != ids[1] || ids[0] == ids[2] {
		t.Errorf("ids %s, want the first two the same: those of one stack", ids)
	}
}

func TestTheAWSClientListsTheStack(t *testing.T) {
	t.Parallel()
	client := newClient(t, newService())
	list := func(statuses ...types.StackStatus) int {
		answer, err := client.ListStacks(t.Context(), &awscloudformation.ListStacksInput{StackStatusFilter: statuses})
		if err != nil {
			t.Fatal(err)
		}
		return len(answer.StackSummaries)
	}
	got := []int{
		list(), list(types.StackStatusDeleteComplete, types.StackStatusCreateComplete), list(types.StackStatusDeleteComplete),
	}
	if diff := cmp.Diff([]int{1, 1, 0}, got); diff != "" {
		t.Error(diff)
	}
}

// resource is what all three operations show of one.
type resource struct{ logical, physical, kind, status, changed string }

func shownAs(logical, physical, kind *string, status types.ResourceStatus, changed *time.Time) resource {
	return resource{*logical, *physical, *kind, string(status), changed.Format(time.RFC3339Nano)}
}

func TestTheAWSClientFindsResourcesByEveryOperation(t *testing.T) {
	t.Parallel()
	client := newClient(t, newService())
	stack := aws.String("delfos")
	function := resource{"Fn", "delfos-Fn", "AWS::Lambda::Function", "CREATE_COMPLETE", "2026-02-20T12:30:15.25Z"}
	queue := resource{"Queue", "http://127.0.0.1:4566/123456789012/letters", "AWS::SQS::Queue", "CREATE_COMPLETE", "2026-02-20T12:30:15.25Z"}

	var listed []resource
	pages := awscloudformation.NewListStackResourcesPaginator(client, &awscloudformation.ListStackResourcesInput{StackName: stack})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range page.StackResourceSummaries {
			listed = append(listed, shownAs(r.LogicalResourceId, r.PhysicalResourceId, r.ResourceType, r.ResourceStatus, r.LastUpdatedTimestamp))
		}
	}
	if diff := cmp.Diff([]resource{function, queue}, listed, cmp.AllowUnexported(resource{})); diff != "" {
		t.Errorf("ListStackResources (-want +got):\n%s", diff)
	}

	for name, test := range map[string]struct {
		input awscloudformation.DescribeStackResourcesInput
		want  []resource
	}{
		"all":                  {awscloudformation.DescribeStackResourcesInput{StackName: stack}, []resource{function, queue}},
		"one":                  {awscloudformation.DescribeStackResourcesInput{StackName: stack, LogicalResourceId: aws.String("Queue")}, []resource{queue}},
		"the stack's of a one": {awscloudformation.DescribeStackResourcesInput{PhysicalResourceId: aws.String("delfos-Fn")}, []resource{function, queue}},
	} {
		answer, err := client.DescribeStackResources(t.Context(), &test.input)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var got []resource
		for _, r := range answer.StackResources {
			got = append(got, shownAs(r.LogicalResourceId, r.PhysicalResourceId, r.ResourceType, r.ResourceStatus, r.Timestamp))
		}
		if diff := cmp.Diff(test.want, got, cmp.AllowUnexported(resource{})); diff != "" {
			t.Errorf("DescribeStackResources, %s (-want +got):\n%s", name, diff)
		}
	}

	one, err := client.DescribeStackResource(t.Context(), &awscloudformation.DescribeStackResourceInput{StackName: stack, LogicalResourceId: aws.String("Fn")})
	if err != nil {
		t.Fatal(err)
	}
	d := one.StackResourceDetail
	if got := shownAs(d.LogicalResourceId, d.PhysicalResourceId, d.ResourceType, d.ResourceStatus, d.LastUpdatedTimestamp); got != function {
		t.Errorf("DescribeStackResource gives %+v, want %+v", got, function)
	}
}
