package etl

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"delfos/shared/partition"
	"delfos/shared/source"
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

	SourceAPIURL                string
	APIToken, APITokenSecretARN string // the token itself, or else its secret
	TargetDSN, TargetSecretARN  string // the connection string, or else its secret
	PartitionsTable, RunsTable  string
}

// ReadSettings reads the environment through getenv. The error lists every
// variable that is wrong, each with its rule.
func ReadSettings(getenv func(string) string) (Settings, error) {
	e := environment{getenv: getenv}
	s := Settings{
		Asset:             e.required("ASSET"),
		Variables:         e.variables("VARIABLES"),
		Calendar:          e.calendar("PARTITION_TIME_ZONE", "FIRST_PARTITION"),
		Window:            e.duration("WINDOW", time.Second, time.Hour),
		SampleInterval:    e.duration("SAMPLE_INTERVAL", time.Millisecond, time.Hour),
		Lease:             e.duration("LEASE", time.Second, 15*time.Minute),
		RunRetention:      e.days("RUN_RETENTION_DAYS", 1, 3653),
		SourceAPIURL:      e.url("SOURCE_API_URL"),
		APIToken:          getenv("API_TOKEN"),
		APITokenSecretARN: getenv("API_TOKEN_SECRET_ARN"),
		TargetDSN:         getenv("TARGET_DSN"),
		TargetSecretARN:   getenv("TARGET_SECRET_ARN"),
		PartitionsTable:   e.required("PARTITIONS_TABLE"),
		RunsTable:         e.required("RUNS_TABLE"),
	}
	e.either("API_TOKEN", "API_TOKEN_SECRET_ARN")
	e.either("TARGET_DSN", "TARGET_SECRET_ARN")
	return s, errors.Join(e.problems...)
}

// environment reads variables and gathers what is wrong with them.
type environment struct {
	getenv   func(string) string
	problems []error
}

func (e *environment) refuse(name, rule string, args ...any) {
	e.problems = append(e.problems, fmt.Errorf("environment variable %s: %s", name, fmt.Sprintf(rule, args...)))
}

func (e *environment) required(name string) string {
	value := e.getenv(name)
	if value == "" {
		e.refuse(name, "it is not set")
	}
	return value
}

func (e *environment) either(name, other string) {
	if e.getenv(name) == "" && e.getenv(other) == "" {
		e.refuse(name, "it is not set, and neither is %s", other)
	}
}

func (e *environment) duration(name string, least, most time.Duration) time.Duration {
	value, err := time.ParseDuration(e.getenv(name))
	if err != nil || value < least || value > most {
		e.refuse(name, "%q; want a duration from %s to %s, such as 10m", e.getenv(name), least, most)
	}
	return value
}

func (e *environment) days(name string, least, most int) time.Duration {
	value, err := strconv.Atoi(e.getenv(name))
	if err != nil || value < least || value > most {
		e.refuse(name, "%q; want %d to %d days", e.getenv(name), least, most)
	}
	return time.Duration(value) * 24 * time.Hour
}

func (e *environment) url(name string) string {
	value := e.required(name)
	parsed, err := url.Parse(value)
	if value != "" && (err != nil || parsed.Host == "" || (parsed.Scheme != "http" && parsed.Scheme != "https")) {
		e.refuse(name, "%q; want an http or https URL", value)
	}
	return value
}

func (e *environment) variables(name string) []string {
	var known, list []string
	for _, variable := range source.Variables() {
		known = append(known, variable.Name)
	}
	for variable := range strings.SplitSeq(e.required(name), ",") {
		variable = strings.TrimSpace(variable)
		if !slices.Contains(known, variable) || slices.Contains(list, variable) {
			e.refuse(name, "%q; want some of %s, each once", variable, strings.Join(known, ", "))
		}
		list = append(list, variable)
	}
	return list
}

func (e *environment) calendar(zoneName, firstName string) partition.Calendar {
	first, err := partition.ParseKey(e.getenv(firstName))
	if err != nil {
		e.refuse(firstName, "%v", err)
		return partition.Calendar{}
	}
	calendar, err := partition.NewCalendar(e.getenv(zoneName), first)
	if err != nil {
		e.refuse(zoneName, "%v", err)
	}
	return calendar
}
