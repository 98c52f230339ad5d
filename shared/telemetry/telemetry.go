// Package telemetry sets up structured logs: JSON lines, in UTC, as Lambda's JSON
// log format has them.
package telemetry

import (
	"context"
	"io"
	"log/slog"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"
)

// NewLogger writes records to w as JSON lines with `timestamp`, `level` and
// `message`, the names that Lambda's JSON log format uses (Lambda Developer
// Guide, "JSON log format"), and with the attributes that Attach put into the
// context, and the request id of the Lambda invocation.
func NewLogger(w io.Writer, level slog.Level) *slog.Logger {
	options := &slog.HandlerOptions{Level: level, ReplaceAttr: asLambda}
	return slog.New(contextHandler{slog.NewJSONHandler(w, options)})
}

func asLambda(groups []string, attr slog.Attr) slog.Attr {
	if len(groups) > 0 {
		return attr
	}
	switch attr.Key {
	case slog.TimeKey:
		return slog.String("timestamp", attr.Value.Time().UTC().Format(time.RFC3339Nano))
	case slog.MessageKey:
		attr.Key = "message"
	}
	return attr
}

type attributesKey struct{}

// Attach returns a context whose log records carry the attributes, such as the
// run and the partition, besides those already attached.
func Attach(ctx context.Context, attributes ...slog.Attr) context.Context {
	before, _ := ctx.Value(attributesKey{}).([]slog.Attr)
	all := append(append([]slog.Attr(nil), before...), attributes...)
	return context.WithValue(ctx, attributesKey{}, all)
}

// contextHandler adds what the context knows to each record.
type contextHandler struct {
	slog.Handler
}

func (h contextHandler) Handle(ctx context.Context, record slog.Record) error {
	if attributes, ok := ctx.Value(attributesKey{}).([]slog.Attr); ok {
		record.AddAttrs(attributes...)
	}
	if invocation, ok := lambdacontext.FromContext(ctx); ok {
		record.AddAttrs(slog.String("requestId", invocation.AwsRequestID))
	}
	return h.Handler.Handle(ctx, record)
}

func (h contextHandler) WithAttrs(attributes []slog.Attr) slog.Handler {
	return contextHandler{h.Handler.WithAttrs(attributes)}
}

func (h contextHandler) WithGroup(name string) slog.Handler {
	return contextHandler{h.Handler.WithGroup(name)}
}
