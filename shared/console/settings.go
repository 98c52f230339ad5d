package console

import (
	"delfos/shared/environment"
	"delfos/shared/partition"
	"delfos/shared/source"
	"delfos/shared/status"
)

// Settings are what the environment of the console function says.
type Settings struct {
	Asset     string
	Variables []string
	Calendar  partition.Calendar
	Tables    status.Tables

	EtlFunction     string // names of functions
	PlannerFunction string
	StateMachineARN string

	DeadLetterQueueURL string // empty leaves the dead letters out
	ScheduleGroup      string // empty is the default group
	TickLogGroup       string // empty where nobody writes it, as on AWS

	SourceAPIURL                string
	APIToken, APITokenSecretARN string // the token itself, or else its secret
	TargetDSN, TargetSecretARN  string // likewise
	Token, TokenSecretARN       string // likewise, what people sign in with
	SignIn                      bool
	ReadOnly                    bool
}

// ReadSettings reads the environment through getenv. The error lists every
// variable that is wrong, each with its rule. Whether people sign in has to be said:
// a console that is open to all by an oversight must not start.
func ReadSettings(getenv func(string) string) (Settings, error) {
	e := environment.NewReader(getenv)
	s := Settings{
		Asset:     e.Required("ASSET"),
		Variables: e.Some("VARIABLES", source.VariableNames()),
		Calendar:  e.Calendar("PARTITION_TIME_ZONE", "FIRST_PARTITION"),
		Tables: status.Tables{
			Partitions: e.Required("PARTITIONS_TABLE"), Runs: e.Required("RUNS_TABLE"), Backfills: e.Required("BACKFILLS_TABLE"),
		},
		EtlFunction:        e.Required("ETL_FUNCTION"),
		PlannerFunction:    e.Required("PLANNER_FUNCTION"),
		StateMachineARN:    e.Required("STATE_MACHINE_ARN"),
		DeadLetterQueueURL: e.Optional("DEAD_LETTER_QUEUE_URL"),
		ScheduleGroup:      e.Optional("SCHEDULE_GROUP"),
		TickLogGroup:       e.Optional("TICK_LOG_GROUP"),
		SourceAPIURL:       e.URL("SOURCE_API_URL"),
		APIToken:           e.Optional("API_TOKEN"),
		APITokenSecretARN:  e.Optional("API_TOKEN_SECRET_ARN"),
		TargetDSN:          e.Optional("TARGET_DSN"),
		TargetSecretARN:    e.Optional("TARGET_SECRET_ARN"),
		Token:              e.Optional("CONSOLE_TOKEN"),
		TokenSecretARN:     e.Optional("CONSOLE_TOKEN_SECRET_ARN"),
		SignIn:             e.OneOf("CONSOLE_SIGN_IN", "token", "none") == "token",
		ReadOnly:           e.OneOf("CONSOLE_READ_ONLY", "true", "false") == "true",
	}
	e.Either("API_TOKEN", "API_TOKEN_SECRET_ARN")
	e.Either("TARGET_DSN", "TARGET_SECRET_ARN")
	if s.SignIn {
		e.Either("CONSOLE_TOKEN", "CONSOLE_TOKEN_SECRET_ARN")
	}
	return s, e.Err()
}
