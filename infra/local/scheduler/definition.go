package scheduler

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"time"
)

// groupName is that of the one schedule group there is.
const groupName = "default"

// Definition is a schedule as CreateSchedule has it (EventBridge Scheduler API
// Reference). Names and values are AWS's.
type Definition struct {
	Name                       string `json:",omitempty"` // in requests it is in the path
	GroupName                  string `json:",omitempty"` // "" means default, the only one
	Description                string `json:",omitempty"`
	ScheduleExpression         string
	ScheduleExpressionTimezone string     `json:",omitempty"` // "" means UTC
	StartDate                  *Timestamp `json:",omitempty"` // of recurring schedules; inclusive
	EndDate                    *Timestamp `json:",omitempty"` // of recurring schedules; inclusive
	State                      string     `json:",omitempty"` // "" means ENABLED
	ActionAfterCompletion      string     `json:",omitempty"` // "" means NONE
	FlexibleTimeWindow         FlexibleTimeWindow
	Target                     Target
}

// FlexibleTimeWindow is how late a schedule may fire.
type FlexibleTimeWindow struct {
	Mode                   string // OFF or FLEXIBLE
	MaximumWindowInMinutes *int   `json:",omitempty"`
}

// Target is what a schedule invokes.
type Target struct {
	Arn              string
	RoleArn          string            // told, and without effect here
	Input            string            `json:",omitempty"` // "" means AWS's default event
	DeadLetterConfig *DeadLetterConfig `json:",omitempty"`
	RetryPolicy      *RetryPolicy      `json:",omitempty"`
}

// DeadLetterConfig names the queue that gets what could not be delivered.
type DeadLetterConfig struct {
	Arn string `json:",omitempty"`
}

// RetryPolicy bounds the retries of an invocation that the target's API refuses.
type RetryPolicy struct {
	MaximumEventAgeInSeconds *int `json:",omitempty"` // nil means 86400
	MaximumRetryAttempts     *int `json:",omitempty"` // nil means 185
}

const (
	stateEnabled  = "ENABLED"
	stateDisabled = "DISABLED"
	actionNone    = "NONE"
	actionDelete  = "DELETE"
	windowOff     = "OFF"
	windowOn      = "FLEXIBLE"

	defaultEventAge = 86_400
	defaultRetries  = 185
)

// complete fills in the defaults, as GetSchedule shows them.
func (d Definition) complete() Definition {
	set := func(text *string, initial string) {
		if *text == "" {
			*text = initial
		}
	}
	set(&d.GroupName, groupName)
	set(&d.ScheduleExpressionTimezone, "UTC")
	set(&d.State, stateEnabled)
	set(&d.ActionAfterCompletion, actionNone)
	age, retries := defaultEventAge, defaultRetries
	if given := d.Target.RetryPolicy; given != nil {
		if given.MaximumEventAgeInSeconds != nil {
			age = *given.MaximumEventAgeInSeconds
		}
		if given.MaximumRetryAttempts != nil {
			retries = *given.MaximumRetryAttempts
		}
	}
	d.Target.RetryPolicy = &RetryPolicy{&age, &retries}
	return d
}

// hash tells definitions apart.
func (d Definition) hash() string {
	text, err := json.Marshal(d)
	if err != nil {
		panic(err) // strings, numbers and times always marshal
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:16])
}

// Timestamp is a time as the REST API has it: seconds since 1970, to the
// millisecond.
type Timestamp struct{ time.Time }

// MarshalJSON writes seconds with three decimals.
func (t Timestamp) MarshalJSON() ([]byte, error) {
	return strconv.AppendFloat(nil, float64(t.UnixMilli())/1000, 'f', 3, 64), nil
}

// UnmarshalJSON reads seconds.
func (t *Timestamp) UnmarshalJSON(text []byte) error {
	seconds, err := strconv.ParseFloat(string(text), 64)
	if err != nil || math.Abs(seconds) > 1e11 {
		return fmt.Errorf("timestamp %s: want seconds since 1970", text)
	}
	t.Time = time.UnixMilli(int64(math.Round(seconds * 1000))).UTC()
	return nil
}
