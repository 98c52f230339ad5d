package lambda

import (
	"context"
	"encoding/json"
	"time"
)

// destinationTimeout is how long a destination may take to accept a record.
const destinationTimeout = 10 * time.Second

// A record tells a failure destination of an Event invocation that was given up
// (Lambda Developer Guide, "Capturing records of Lambda asynchronous invocations").
type record struct {
	Version        string          `json:"version"`
	Timestamp      string          `json:"timestamp"`
	RequestContext requestContext  `json:"requestContext"`
	RequestPayload json.RawMessage `json:"requestPayload"`
	// The response is that of the last attempt; there is none where the function
	// never ran.
	ResponseContext *responseContext `json:"responseContext,omitempty"`
	ResponsePayload json.RawMessage  `json:"responsePayload,omitempty"`
}

type requestContext struct {
	RequestID              string `json:"requestId"`
	FunctionARN            string `json:"functionArn"` // with the qualifier
	Condition              string `json:"condition"`
	ApproximateInvokeCount int    `json:"approximateInvokeCount"`
}

type responseContext struct {
	StatusCode      int    `json:"statusCode"`
	ExecutedVersion string `json:"executedVersion"`
	FunctionError   string `json:"functionError,omitempty"`
}

func newRecord(fn *function, end AsyncFailure, now time.Time) record {
	made := record{
		Version: "1.0", Timestamp: now.UTC().Format("2006-01-02T15:04:05.000Z"), RequestPayload: end.Payload,
		RequestContext: requestContext{end.RequestID, fn.arn + ":" + version, end.Condition, end.Attempts},
	}
	if end.Attempts > 0 {
		made.ResponseContext = &responseContext{end.Response.StatusCode, version, end.Response.FunctionError}
		if json.Valid(end.Response.Payload) {
			made.ResponsePayload = end.Response.Payload
		} else {
			made.ResponsePayload, _ = json.Marshal(string(end.Response.Payload)) // a string always encodes
		}
	}
	return made
}

// sendRecord gives a function's failure destination what it should know. As on AWS
// a record that the destination refuses is lost, which is logged.
func (s *Service) sendRecord(fn *function, end AsyncFailure) {
	ctx, cancel := context.WithTimeout(context.Background(), destinationTimeout)
	defer cancel()
	document, err := json.Marshal(newRecord(fn, end, s.options.Now()))
	if err == nil {
		err = s.options.Destination(ctx, fn.OnFailureDestination, document)
	}
	if err != nil {
		s.options.Logger.Error("the record of a failed asynchronous invocation did not reach its destination",
			"function", fn.Name, "request_id", end.RequestID, "destination", fn.OnFailureDestination, "error", err)
	}
}
