package provision

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/aws/aws-lambda-go/cfn"
)

// maxReason keeps a response below the 4,096 bytes that CloudFormation reads
// (CloudFormation User Guide, "Custom resource response objects").
const maxReason = 1000

// attributes are what Fn::GetAtt gives of the custom resource.
func (p *Provisioner) attributes(done Done) map[string]any {
	all := map[string]any{"Samples": done.Samples}
	for _, database := range p.Databases {
		for _, login := range database.Logins {
			if login.SecretARN != "" {
				all[login.Attribute] = login.SecretARN
			}
		}
	}
	return all
}

// response keeps the physical id that there is: another one would make
// CloudFormation delete the resource that it has.
func response(asked request, attributes map[string]any, err error) *cfn.Response {
	answer := cfn.NewResponse(&asked.Event)
	answer.PhysicalResourceID = asked.PhysicalResourceID
	if answer.PhysicalResourceID == "" {
		answer.PhysicalResourceID = "databases"
	}
	answer.Status = cfn.StatusSuccess
	answer.Data = attributes
	if err != nil {
		answer.Status = cfn.StatusFailed
		answer.Reason = err.Error()[:min(len(err.Error()), maxReason)]
	}
	return answer
}

// answerAttempts is how often an answer is sent before the invocation fails.
const answerAttempts = 4

// Send puts the response to the URL that CloudFormation has signed, and tries again
// with pauses of 1 s, 2 s and 3 s. Its error does not show the URL, with which anybody
// could answer.
func Send(client *http.Client, pause func(context.Context, time.Duration) error) func(context.Context, string, *cfn.Response) error {
	return func(ctx context.Context, address string, response *cfn.Response) error {
		body, err := json.Marshal(response)
		if err != nil {
			return err
		}
		for attempt := 1; ; attempt++ {
			err := put(ctx, client, address, body)
			if err == nil {
				return nil
			}
			if attempt == answerAttempts {
				return fmt.Errorf("CloudFormation could not be answered in %d attempts: %w", attempt, err)
			}
			if err := pause(ctx, time.Duration(attempt)*time.Second); err != nil {
				return err
			}
		}
	}
}

func put(ctx context.Context, client *http.Client, address string, body []byte) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPut, address, bytes.NewReader(body))
	if err != nil {
		return errors.New("its ResponseURL is no URL")
	}
	request.Header["Content-Type"] = nil // it is signed without one
	answer, err := client.Do(request)
	if err != nil {
		if wrapped, ok := errors.AsType[*url.Error](err); ok {
			err = wrapped.Err
		}
		return err
	}
	defer answer.Body.Close()
	_, _ = io.Copy(io.Discard, answer.Body) // so that the connection can be used again
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("it says %s", answer.Status)
	}
	return nil
}
