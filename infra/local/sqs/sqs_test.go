package sqs_test

import (
	"errors"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"delfos/infra/local/awsjson"
	"delfos/infra/local/endpoint"
	"delfos/infra/local/sqs"
)

func open(t testing.TB, change ...func(*sqs.Options)) *sqs.Service {
	t.Helper()
	options := sqs.Options{Region: "eu-west-1", AccountID: "123456789012", BaseURL: "http://127.0.0.1:4566"}
	for _, one := range change {
		one(&options)
	}
	service, err := sqs.Open(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := service.Close(); err != nil {
			t.Error(err)
		}
	})
	return service
}

func client(t *testing.T, service *sqs.Service) *awssqs.Client {
	t.Helper()
	server := httptest.NewServer(endpoint.Handler(endpoint.Services{JSON: []awsjson.Service{service}}))
	t.Cleanup(server.Close)
	return awssqs.New(awssqs.Options{
		BaseEndpoint: &server.URL, Region: "eu-west-1", RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("any", "any", ""),
	})
}

const url = "http://127.0.0.1:4566/123456789012/ticks"

// withQueue is a client with one queue, "ticks".
func withQueue(t *testing.T, attributes map[string]string) (*awssqs.Client, *sqs.Service) {
	t.Helper()
	service := open(t)
	if err := service.Declare("ticks", attributes); err != nil {
		t.Fatal(err)
	}
	return client(t, service), service
}

func receive(t *testing.T, sdk *awssqs.Client, timeout int32) []types.Message {
	t.Helper()
	got, err := sdk.ReceiveMessage(t.Context(), &awssqs.ReceiveMessageInput{
		QueueUrl: aws.String(url), MaxNumberOfMessages: 10, VisibilityTimeout: timeout,
		MessageAttributeNames: []string{"All"}, MessageSystemAttributeNames: []types.MessageSystemAttributeName{"All"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return got.Messages
}

func counts(t *testing.T, sdk *awssqs.Client) string {
	t.Helper()
	got, err := sdk.GetQueueAttributes(t.Context(), &awssqs.GetQueueAttributesInput{QueueUrl: aws.String(url), AttributeNames: []types.QueueAttributeName{"All"}})
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%s visible, %s in flight, %s delayed", got.Attributes["ApproximateNumberOfMessages"],
		got.Attributes["ApproximateNumberOfMessagesNotVisible"], got.Attributes["ApproximateNumberOfMessagesDelayed"])
}

func TestTheAWSClientCreatesAndFindsQueues(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_772_000_000, 0)
	sdk := client(t, open(t, func(o *sqs.Options) { o.Now = func() time.Time { return now } }))
	input := &awssqs.CreateQueueInput{QueueName: aws.String("ticks"), Attributes: map[string]string{"VisibilityTimeout": "60"}}
	for range 2 { // again is no error
		got, err := sdk.CreateQueue(t.Context(), input)
		if err != nil || *got.QueueUrl != url {
			t.Fatalf("%+v, %v", got, err)
		}
	}
	input.Attributes["VisibilityTimeout"] = "61"
	_, err := sdk.CreateQueue(t.Context(), input)
	if _, ok := errors.AsType[*types.QueueNameExists](err); !ok || !strings.Contains(err.Error(), "VisibilityTimeout") {
		t.Errorf("with another attribute: %v", err)
	}
	found, err := sdk.GetQueueUrl(t.Context(), &awssqs.GetQueueUrlInput{QueueName: aws.String("ticks")})
	if err != nil || *found.QueueUrl != url {
		t.Errorf("%+v, %v", found, err)
	}
	got, err := sdk.GetQueueAttributes(t.Context(), &awssqs.GetQueueAttributesInput{QueueUrl: aws.String(url), AttributeNames: []types.QueueAttributeName{"All"}})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"QueueArn": "arn:aws:sqs:eu-west-1:123456789012:ticks", "VisibilityTimeout": "60", "MaximumMessageSize": "1048576",
		"MessageRetentionPeriod": "345600", "DelaySeconds": "0", "ReceiveMessageWaitTimeSeconds": "0", "SqsManagedSseEnabled": "true",
		"CreatedTimestamp": "1772000000", "LastModifiedTimestamp": "1772000000",
		"ApproximateNumberOfMessages": "0", "ApproximateNumberOfMessagesNotVisible": "0", "ApproximateNumberOfMessagesDelayed": "0",
	}
	if diff := cmp.Diff(want, got.Attributes); diff != "" {
		t.Error(diff)
	}
	one, err := sdk.GetQueueAttributes(t.Context(), &awssqs.GetQueueAttributesInput{
		QueueUrl: aws.String("http://another-name:1/123456789012/ticks"), AttributeNames: []types.QueueAttributeName{"QueueArn"},
	})
	if diff := cmp.Diff(map[string]string{"QueueArn": want["QueueArn"]}, one.Attributes); diff != "" || err != nil {
		t.Error(diff, err)
	}
}

func TestTheAWSClientListsQueues(t *testing.T) {
	t.Parallel()
	service := open(t)
	for _, name := range []string{"b", "a-2", "a-1"} {
		if err := service.Declare(name, nil); err != nil {
			t.Fatal(err)
		}
	}
	sdk := client(t, service)
	for prefix, want := range map[string][]string{"": {"a-1", "a-2", "b"}, "a-": {"a-1", "a-2"}, "c": nil} {
		var names []string
		pages := awssqs.NewListQueuesPaginator(sdk, &awssqs.ListQueuesInput{QueueNamePrefix: &prefix, MaxResults: aws.Int32(1)})
		for pages.HasMorePages() {
			page, err := pages.NextPage(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, one := range page.QueueUrls {
				names = append(names, strings.TrimPrefix(one, "http://127.0.0.1:4566/123456789012/"))
			}
		}
		if diff := cmp.Diff(want, names); diff != "" {
			t.Error(diff)
		}
	}
}

// The SDK verifies the MD5s itself.
func TestAMessageIsReceivedAsItWasSent(t *testing.T) {
	t.Parallel()
	sdk, _ := withQueue(t, nil)
	attributes := map[string]types.MessageAttributeValue{
		"ERROR_CODE": {DataType: aws.String("String"), StringValue: aws.String("ünï")},
		"count":      {DataType: aws.String("Number.int"), StringValue: aws.String("3")},
		"raw":        {DataType: aws.String("Binary"), BinaryValue: []byte{0, 1, 255}},
	}
	sent, err := sdk.SendMessage(t.Context(), &awssqs.SendMessageInput{QueueUrl: aws.String(url), MessageBody: aws.String("hello\n\"wörld\""), MessageAttributes: attributes})
	if err != nil {
		t.Fatal(err)
	}
	got := receive(t, sdk, 30)
	if len(got) != 1 || *got[0].Body != "hello\n\"wörld\"" || *got[0].MessageId != *sent.MessageId || *got[0].MD5OfMessageAttributes != *sent.MD5OfMessageAttributes {
		t.Fatalf("%+v", got)
	}
	if diff := cmp.Diff(attributes, got[0].MessageAttributes, cmp.Exporter(everything)); diff != "" {
		t.Error(diff)
	}
	if system := got[0].Attributes; system["ApproximateReceiveCount"] != "1" || system["SenderId"] != "123456789012" || system["SentTimestamp"] == "" {
		t.Errorf("%v", system)
	}
}

// The SDK does not verify the digest of attributes, as others do: these two are
// AWS's of this message.
func TestTheDigestOfAttributesIsAWSs(t *testing.T) {
	t.Parallel()
	sdk, _ := withQueue(t, nil)
	sent, err := sdk.SendMessage(t.Context(), &awssqs.SendMessageInput{
		QueueUrl: aws.String(url), MessageBody: aws.String("This is a test message"),
		MessageAttributes: map[string]types.MessageAttributeValue{"timestamp": {DataType: aws.String("Number"), StringValue: aws.String("1493147359900")}},
	})
	if err != nil || *sent.MD5OfMessageBody != "fafb00f5732ab283681e124bf8747ed1" || *sent.MD5OfMessageAttributes != "235c5c510d26fb653d073faed50ae77c" {
		t.Errorf("%s, %s, %v", *sent.MD5OfMessageBody, *sent.MD5OfMessageAttributes, err)
	}
}

func TestAMessageIsInFlightUntilItIsDeletedOrItsTimeoutEnds(t *testing.T) {
	t.Parallel()
	sdk, service := withQueue(t, nil)
	for _, body := range []string{"first", "second"} {
		if _, err := service.Send(t.Context(), "arn:aws:sqs:eu-west-1:123456789012:ticks", body, map[string]string{"A": "b"}); err != nil {
			t.Fatal(err)
		}
	}
	got := receive(t, sdk, 30)
	if len(got) != 2 || *got[0].Body != "first" || len(receive(t, sdk, 30)) != 0 || counts(t, sdk) != "0 visible, 2 in flight, 0 delayed" {
		t.Fatalf("%+v; %s", got, counts(t, sdk))
	}
	first, second := got[0].ReceiptHandle, got[1].ReceiptHandle
	for range 2 { // again is no error
		if _, err := sdk.DeleteMessage(t.Context(), &awssqs.DeleteMessageInput{QueueUrl: aws.String(url), ReceiptHandle: first}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := sdk.ChangeMessageVisibility(t.Context(), &awssqs.ChangeMessageVisibilityInput{QueueUrl: aws.String(url), ReceiptHandle: second}); err != nil {
		t.Fatal(err)
	}
	_, err := sdk.ChangeMessageVisibility(t.Context(), &awssqs.ChangeMessageVisibilityInput{QueueUrl: aws.String(url), ReceiptHandle: second})
	if _, ok := errors.AsType[*types.MessageNotInflight](err); !ok {
		t.Errorf("of a visible message: %v", err)
	}
	again := receive(t, sdk, 0)
	if len(again) != 1 || *again[0].Body != "second" || again[0].Attributes["ApproximateReceiveCount"] != "2" {
		t.Errorf("%+v", again)
	}
	_, err = sdk.ChangeMessageVisibility(t.Context(), &awssqs.ChangeMessageVisibilityInput{QueueUrl: aws.String(url), ReceiptHandle: second})
	if _, ok := errors.AsType[*types.ReceiptHandleIsInvalid](err); !ok {
		t.Errorf("by an earlier receipt: %v", err)
	}
	if _, err := sdk.PurgeQueue(t.Context(), &awssqs.PurgeQueueInput{QueueUrl: aws.String(url)}); err != nil || counts(t, sdk) != "0 visible, 0 in flight, 0 delayed" {
		t.Errorf("after the purge: %s, %v", counts(t, sdk), err)
	}
}

func TestAttributesAreSelectedByNameAndPrefix(t *testing.T) {
	t.Parallel()
	sdk, service := withQueue(t, nil)
	if _, err := service.Send(t.Context(), service.ARN("ticks"), "x", map[string]string{"a.1": "1", "a.2": "2", "b": "3"}); err != nil {
		t.Fatal(err)
	}
	for pattern, want := range map[string]int{"a.*": 2, "b": 1, "All": 3, ".*": 3, "c": 0} {
		got, err := sdk.ReceiveMessage(t.Context(), &awssqs.ReceiveMessageInput{QueueUrl: aws.String(url), MessageAttributeNames: []string{pattern}})
		if err != nil || len(got.Messages) != 1 || len(got.Messages[0].MessageAttributes) != want || len(got.Messages[0].Attributes) != 0 {
			t.Errorf("%s: %+v, %v", pattern, got, err)
		}
		_, err = sdk.ChangeMessageVisibility(t.Context(), &awssqs.ChangeMessageVisibilityInput{QueueUrl: aws.String(url), ReceiptHandle: got.Messages[0].ReceiptHandle})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestTheAWSClientUnderstandsRefusals(t *testing.T) {
	t.Parallel()
	sdk, service := withQueue(t, map[string]string{"MaximumMessageSize": "1024"})
	send := func(change func(*awssqs.SendMessageInput)) error {
		input := &awssqs.SendMessageInput{QueueUrl: aws.String(url), MessageBody: aws.String("x")}
		change(input)
		_, err := sdk.SendMessage(t.Context(), input)
		return err
	}
	create := func(name, attribute, value string) error {
		_, err := sdk.CreateQueue(t.Context(), &awssqs.CreateQueueInput{QueueName: &name, Attributes: map[string]string{attribute: value}})
		return err
	}
	attribute := func(name, dataType, value string) func(*awssqs.SendMessageInput) {
		return func(in *awssqs.SendMessageInput) {
			in.MessageAttributes = map[string]types.MessageAttributeValue{name: {DataType: &dataType, StringValue: &value}}
		}
	}
	receive := func(change func(*awssqs.ReceiveMessageInput)) error {
		input := &awssqs.ReceiveMessageInput{QueueUrl: aws.String(url)}
		change(input)
		_, err := sdk.ReceiveMessage(t.Context(), input)
		return err
	}
	_, noQueue := sdk.GetQueueUrl(t.Context(), &awssqs.GetQueueUrlInput{QueueName: aws.String("none")})
	_, otherAccount := sdk.GetQueueUrl(t.Context(), &awssqs.GetQueueUrlInput{QueueName: aws.String("ticks"), QueueOwnerAWSAccountId: aws.String("000000000000")})
	_, badReceipt := sdk.DeleteMessage(t.Context(), &awssqs.DeleteMessageInput{QueueUrl: aws.String(url), ReceiptHandle: aws.String("x")})
	_, unknownAttribute := sdk.GetQueueAttributes(t.Context(), &awssqs.GetQueueAttributesInput{QueueUrl: aws.String(url), AttributeNames: []types.QueueAttributeName{"Policy"}})
	_, unknown := sdk.DeleteQueue(t.Context(), &awssqs.DeleteQueueInput{QueueUrl: aws.String(url)})
	_, badToken := sdk.ListQueues(t.Context(), &awssqs.ListQueuesInput{NextToken: aws.String("!")})
	_, sendElsewhere := service.Send(t.Context(), "arn:aws:sqs:eu-west-1:000000000000:ticks", "x", nil)
	for name, test := range map[string]struct {
		err  error
		code string
		says string
	}{
		"no queue":             {noQueue, "AWS.SimpleQueueService.NonExistentQueue", "does not exist"},
		"another account":      {otherAccount, "AWS.SimpleQueueService.NonExistentQueue", ""},
		"an ARN of elsewhere":  {sendElsewhere, "QueueDoesNotExist", "000000000000"},
		"a URL of no queue":    {send(func(in *awssqs.SendMessageInput) { in.QueueUrl = aws.String("http://x/ticks") }), "InvalidAddress", "http://x/ticks"},
		"FIFO":                 {create("x.fifo", "DelaySeconds", "0"), "AWS.SimpleQueueService.UnsupportedOperation", "FIFO"},
		"a bad name":           {create("a b", "DelaySeconds", "0"), "InvalidParameterValue", "QueueName"},
		"another attribute":    {create("x", "RedrivePolicy", "{}"), "InvalidAttributeName", "RedrivePolicy"},
		"a bad attribute":      {create("x", "DelaySeconds", "901"), "InvalidAttributeValue", "DelaySeconds"},
		"too long":             {send(func(in *awssqs.SendMessageInput) { in.MessageBody = aws.String(strings.Repeat("x", 1025)) }), "InvalidParameterValue", "shorter than 1024"},
		"empty":                {send(func(in *awssqs.SendMessageInput) { in.MessageBody = aws.String("") }), "MissingParameter", "MessageBody"},
		"a control character":  {send(func(in *awssqs.SendMessageInput) { in.MessageBody = aws.String("\x01") }), "InvalidMessageContents", "control"},
		"a long delay":         {send(func(in *awssqs.SendMessageInput) { in.DelaySeconds = 901 }), "InvalidParameterValue", "DelaySeconds"},
		"a group":              {send(func(in *awssqs.SendMessageInput) { in.MessageGroupId = aws.String("g") }), "ValidationException", "MessageGroupId"},
		"a bad attribute name": {send(attribute("AWS.x", "String", "x")), "InvalidParameterValue", "AWS.x"},
		"a bad attribute type": {send(attribute("x", "Text", "x")), "InvalidParameterValue", "Text"},
		"an empty attribute":   {send(attribute("x", "String", "")), "InvalidParameterValue", "'x'"},
		"eleven messages":      {receive(func(in *awssqs.ReceiveMessageInput) { in.MaxNumberOfMessages = 11 }), "InvalidParameterValue", "MaxNumberOfMessages"},
		"a long wait":          {receive(func(in *awssqs.ReceiveMessageInput) { in.WaitTimeSeconds = 21 }), "InvalidParameterValue", "WaitTimeSeconds"},
		"a long timeout":       {receive(func(in *awssqs.ReceiveMessageInput) { in.VisibilityTimeout = 43_201 }), "InvalidParameterValue", "VisibilityTimeout"},
		"no receipt":           {badReceipt, "ReceiptHandleIsInvalid", ""},
		"an unknown attribute": {unknownAttribute, "InvalidAttributeName", "Policy"},
		"another operation":    {unknown, "UnknownOperationException", "DeleteQueue"},
		"a bad token":          {badToken, "InvalidParameterValue", "NextToken"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code := ""
			if api, ok := errors.AsType[smithy.APIError](test.err); ok {
				code = api.ErrorCode()
			}
			if known, ok := errors.AsType[*awsjson.Error](test.err); ok {
				code = known.Type
			}
			if code != test.code || !strings.Contains(test.err.Error(), test.says) {
				t.Errorf("%v, want %s and %q", test.err, test.code, test.says)
			}
		})
	}
}
