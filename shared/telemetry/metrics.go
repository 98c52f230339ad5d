package telemetry

import (
	"log/slog"
	"time"
)

// Unit is a metric's unit (CloudWatch API Reference, "MetricDatum").
type Unit string

// The units used here.
const (
	Count        Unit = "Count"
	Milliseconds Unit = "Milliseconds"
	None         Unit = "None" // a ratio, or a number of days
)

// Metric is one number of a log record that is a CloudWatch metric as well.
type Metric struct {
	Name  string // the record's member and the metric's name
	Unit  Unit
	Value float64 // finite
}

// Metrics are numbers about one thing, at one instant.
type Metrics struct {
	Namespace  string      // where they stand in CloudWatch; empty leaves them in the log alone
	Dimensions []slog.Attr // whose they are, as text; at most 30
	Values     []Metric    // at most 100
}

// Attributes are the metrics as members of a log record, from which CloudWatch makes
// metrics by itself: no call and no permission (CloudWatch User Guide, "Specification:
// Embedded metric format"). They are billed as any others.
func (m Metrics) Attributes(at time.Time) []slog.Attr {
	attributes := append([]slog.Attr(nil), m.Dimensions...)
	for _, metric := range m.Values {
		attributes = append(attributes, slog.Float64(metric.Name, metric.Value))
	}
	if m.Namespace == "" {
		return attributes
	}
	return append(attributes, slog.Any("_aws", m.metadata(at)))
}

// metadata says which members of the record are metrics.
type metadata struct {
	Timestamp         int64 // milliseconds since 1970
	CloudWatchMetrics []directive
}

type directive struct {
	Namespace  string
	Dimensions [][]string
	Metrics    []definition
}

type definition struct {
	Name string
	Unit Unit
}

func (m Metrics) metadata(at time.Time) metadata {
	names := []string{}
	for _, dimension := range m.Dimensions {
		names = append(names, dimension.Key)
	}
	definitions := []definition{}
	for _, metric := range m.Values {
		definitions = append(definitions, definition{metric.Name, metric.Unit})
	}
	return metadata{at.UnixMilli(), []directive{{m.Namespace, [][]string{names}, definitions}}}
}
