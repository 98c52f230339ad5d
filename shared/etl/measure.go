package etl

import (
	"log/slog"
	"time"

	"delfos/shared/partition"
	"delfos/shared/status"
	"delfos/shared/telemetry"
)

// measured are the numbers of a run that has published.
func (r *Runner) measured(key partition.Key, m status.Materialization, now time.Time) []slog.Attr {
	return r.metrics([]telemetry.Metric{
		{Name: "runs", Unit: telemetry.Count, Value: 1},
		{Name: "failures", Unit: telemetry.Count, Value: 0},
		{Name: "duration_ms", Unit: telemetry.Milliseconds, Value: float64(m.Duration.Total.Milliseconds())},
		{Name: "rows_read", Unit: telemetry.Count, Value: float64(m.RowsRead)},
		{Name: "rows_written", Unit: telemetry.Count, Value: float64(m.RowsWritten)},
		{Name: "coverage", Unit: telemetry.None, Value: m.Coverage},
		{Name: "lag_days", Unit: telemetry.None, Value: float64(lag(key, r.Settings.Calendar.LastEnded(now)))},
	}, now)
}

// measuredFailure are those of one that has not.
func (r *Runner) measuredFailure(began, now time.Time) []slog.Attr {
	return r.metrics([]telemetry.Metric{
		{Name: "runs", Unit: telemetry.Count, Value: 1},
		{Name: "failures", Unit: telemetry.Count, Value: 1},
		{Name: "duration_ms", Unit: telemetry.Milliseconds, Value: float64(now.Sub(began).Milliseconds())},
	}, now)
}

func (r *Runner) metrics(values []telemetry.Metric, now time.Time) []slog.Attr {
	return telemetry.Metrics{
		Namespace:  r.Settings.MetricNamespace,
		Dimensions: []slog.Attr{slog.String("asset", r.Settings.Asset)},
		Values:     values,
	}.Attributes(now)
}

// lag is how many days the published day is behind the last that has ended: 0 for the
// daily run. The least of a day's runs is how far behind the target is.
func lag(published, lastEnded partition.Key) int {
	return max(0, len(partition.Days(published, lastEnded))-1)
}
