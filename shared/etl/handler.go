package etl

import (
	"context"
	"encoding/json"

	"github.com/aws/aws-lambda-go/lambdacontext"
)

// Handler is the etl function: an event in, the materialization out. Its errors
// are pointers to this package's error types, whose names Lambda reports.
func Handler(r *Runner) func(context.Context, json.RawMessage) (*Materialization, error) {
	return func(ctx context.Context, raw json.RawMessage) (*Materialization, error) {
		request, err := ParseEvent(raw, r.Settings.Calendar)
		if err != nil {
			r.Logger.WarnContext(ctx, "refused", "error_type", "InvalidEvent", "error", err)
			return nil, err
		}
		materialization, err := r.Run(ctx, request, origin(ctx))
		if err != nil {
			return nil, err
		}
		return &materialization, nil
	}
}

func origin(ctx context.Context) Origin {
	o := Origin{LogGroup: lambdacontext.LogGroupName, LogStream: lambdacontext.LogStreamName}
	if invocation, ok := lambdacontext.FromContext(ctx); ok {
		o.RequestID = invocation.AwsRequestID
	}
	return o
}
