package etl

import (
	"time"

	"delfos/shared/environment"
	"delfos/shared/partition"
	"delfos/shared/source"
	"delfos/shared/status"
)

// Settings are what the environment of the etl function says.
type Settings struct {
	Asset          string
	Variables      []string
	Calendar       partition.Calendar
	Window         time.Duration // width of a window
	SampleInterval time.Duration // expected distance of two samples
	Lease          time.Duration // how long a claim holds without a renewal
	RunRetention   time.Duration // how long the record of a run is kept

	MetricNamespace string // of the run's metrics in CloudWatch; empty makes none

	SourceAPIURL                string
	APIToken, APITokenSecretARN string // the token itself, or else its secret
	TargetDSN, TargetSecretARN  string // the connection string, or else its secret
	Tables                      status.Tables
}

// ReadSettings reads the environment through getenv. The error lists every
// variable that is wrong, each with its rule.
func ReadSettings(getenv func(string) string) (Settings, error) {
	e := environment.NewReader(getenv)
	s := Settings{
		Asset:             e.Required("ASSET"),
		Variables:         e.Some("VARIABLES", source.VariableNames()),
		Calendar:          e.Calendar("PARTITION_TIME_ZONE", "FIRST_PARTITION"),
		Window:            e.Duration("WINDOW", time.Second, time.Hour),
		SampleInterval:    e.Duration("SAMPLE_INTERVAL", time.Millisecond, time.Hour),
		Lease:             e.Duration("LEASE", time.Second, 15*time.Minute),
		RunRetention:      e.Days("RUN_RETENTION_DAYS", 1, 3653),
		MetricNamespace:   e.Optional("METRIC_NAMESPACE"),
		SourceAPIURL:      e.URL("SOURCE_API_URL"),
		APIToken:          e.Optional("API_TOKEN"),
		APITokenSecretARN: e.Optional("API_TOKEN_SECRET_ARN"),
		TargetDSN:         e.Optional("TARGET_DSN"),
		TargetSecretARN:   e.Optional("TARGET_SECRET_ARN"),
		Tables: status.Tables{
			Partitions: e.Required("PARTITIONS_TABLE"),
			Runs:       e.Required("RUNS_TABLE"),
			Backfills:  e.Required("BACKFILLS_TABLE"),
		},
	}
	e.Either("API_TOKEN", "API_TOKEN_SECRET_ARN")
	e.Either("TARGET_DSN", "TARGET_SECRET_ARN")
	return s, e.Err()
}
