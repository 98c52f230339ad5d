package cloudformation_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// post gives what the service answers to a form.
func post(t *testing.T, form string) *httptest.ResponseRecorder {
	t.Helper()
	request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(form))
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer := httptest.NewRecorder()
	newService().ServeHTTP(answer, request)
	return answer
}

// flat is a document as it is sent, without the breaks that it is shown with here.
func flat(document string) string {
	var text strings.Builder
	for line := range strings.SplitSeq(document, "\n") {
		text.WriteString(strings.TrimSpace(line))
	}
	return text.String()
}

const theStack = `
<DescribeStacksResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/">
  <DescribeStacksResult>
    <Stacks>
      <member>
        <StackId>arn:aws:cloudformation:eu-west-1:123456789012:stack/delfos/2cb55688-2169-5874-bbab-acb7bbc154c1</StackId>
        <StackName>delfos</StackName>
        <Description>Turbines &amp; days.</Description>
        <Parameters>
          <member><ParameterKey>Asset</ParameterKey><ParameterValue>turbine-1</ParameterValue></member>
          <member><ParameterKey>Subnets</ParameterKey><ParameterValue></ParameterValue></member>
          <member><ParameterKey>Password</ParameterKey><ParameterValue>****</ParameterValue></member>
        </Parameters>
        <CreationTime>2026-02-20T12:30:15.250Z</CreationTime>
        <RollbackConfiguration></RollbackConfiguration>
        <StackStatus>CREATE_COMPLETE</StackStatus>
        <DisableRollback>false</DisableRollback>
        <NotificationARNs></NotificationARNs>
        <Outputs>
          <member>
            <OutputKey>Url</OutputKey><OutputValue>http://127.0.0.1:8000</OutputValue>
            <Description>The &lt;API&gt;.</Description>
          </member>
          <member><OutputKey>Bare</OutputKey><OutputValue>v</OutputValue></member>
        </Outputs>
        <Tags></Tags>
        <EnableTerminationProtection>false</EnableTerminationProtection>
        <DriftInformation><StackDriftStatus>NOT_CHECKED</StackDriftStatus></DriftInformation>
      </member>
    </Stacks>
  </DescribeStacksResult>
  <ResponseMetadata><RequestId>an-id</RequestId></ResponseMetadata>
</DescribeStacksResponse>`

const noStack = `
<ErrorResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/">
  <Error>
    <Type>Sender</Type>
    <Code>ValidationError</Code>
    <Message>Stack with id none does not exist</Message>
  </Error>
  <RequestId>an-id</RequestId>
</ErrorResponse>`

func TestTheAnswerIsTheQueryProtocolsXML(t *testing.T) {
	t.Parallel()
	for form, want := range map[string]struct {
		status   int
		document string
	}{
		"Action=DescribeStacks&Version=2010-05-15&StackName=delfos": {http.StatusOK, theStack},
		"Action=DescribeStacks&Version=2010-05-15&StackName=none":   {http.StatusBadRequest, noStack},
	} {
		answer := post(t, form)
		if diff := cmp.Diff(flat(want.document), answer.Body.String()); diff != "" || answer.Code != want.status {
			t.Errorf("%s: %d (-want +got):\n%s", form, answer.Code, diff)
		}
		if id, kind := answer.Header().Get("X-Amzn-Requestid"), answer.Header().Get("Content-Type"); id != "an-id" || kind != "text/xml" {
			t.Errorf("%s: request id %q, content type %q", form, id, kind)
		}
	}
}

func TestAFormThatIsNoRequestIsRefused(t *testing.T) {
	t.Parallel()
	const describe = "Action=DescribeStackResource&Version=2010-05-15"
	for name, test := range map[string]struct{ form, code, says string }{
		"nothing":              {"", "MissingAction", "no Action"},
		"another version":      {"Action=DescribeStacks&Version=2010-01-01", "InvalidAction", "for version 2010-01-01"},
		"no version":           {"Action=DescribeStacks", "InvalidAction", "speaks 2010-05-15"},
		"an unknown action":    {"Action=DescribeNothing&Version=2010-05-15", "InvalidAction", "does not implement DescribeNothing"},
		"an unknown parameter": {describe + "&Colour=red", "InvalidParameterValue", "the parameter Colour of DescribeStackResource"},
		"no stack":             {describe + "&LogicalResourceId=Fn", "ValidationError", "stackName"},
		"an empty stack":       {"Action=DescribeStacks&Version=2010-05-15&StackName=", "ValidationError", "stackName"},
		"no resource":          {describe + "&StackName=delfos", "ValidationError", "logicalResourceId"},
		"a broken form":        {"Action=%zz", "MalformedQueryString", "cannot be read"},
		"too large a form":     {"Action=" + strings.Repeat("x", 100_000), "MalformedQueryString", "cannot be read"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			answer := post(t, test.form)
			body := answer.Body.String()
			if answer.Code != http.StatusBadRequest || !strings.Contains(body, "<Code>"+test.code+"</Code>") || !strings.Contains(body, test.says) {
				t.Errorf("%d %s, want %s: %s", answer.Code, body, test.code, test.says)
			}
		})
	}
}
