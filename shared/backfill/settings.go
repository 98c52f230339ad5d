package backfill

import (
	"delfos/shared/environment"
	"delfos/shared/partition"
	"delfos/shared/source"
	"delfos/shared/status"
)

// Settings are what the environment of the planbackfill function says.
type Settings struct {
	Asset     string
	Variables []string
	Calendar  partition.Calendar

	SourceAPIURL                string
	APIToken, APITokenSecretARN string // the token itself, or else its secret
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
		SourceAPIURL:      e.URL("SOURCE_API_URL"),
		APIToken:          e.Optional("API_TOKEN"),
		APITokenSecretARN: e.Optional("API_TOKEN_SECRET_ARN"),
		Tables: status.Tables{
			Partitions: e.Required("PARTITIONS_TABLE"),
			Backfills:  e.Required("BACKFILLS_TABLE"),
		},
	}
	e.Either("API_TOKEN", "API_TOKEN_SECRET_ARN")
	return s, e.Err()
}
