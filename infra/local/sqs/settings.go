package sqs

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// settings are the attributes of a queue that can be set (Amazon SQS API Reference,
// CreateQueue), as far as they are implemented.
type settings struct {
	VisibilityTimeout             int    // seconds
	MaximumMessageSize            int    // bytes
	MessageRetentionPeriod        int    // seconds
	DelaySeconds                  int    // seconds
	ReceiveMessageWaitTimeSeconds int    // seconds
	SqsManagedSseEnabled          string // true or false: told, and without effect here
}

// The bounds and the defaults are those of CreateQueue.
var numericSettings = map[string]struct {
	low, high, initial int
	of                 func(*settings) *int
}{
	"VisibilityTimeout":             {0, 43_200, 30, func(s *settings) *int { return &s.VisibilityTimeout }},
	"MaximumMessageSize":            {1024, 1 << 20, 1 << 20, func(s *settings) *int { return &s.MaximumMessageSize }},
	"MessageRetentionPeriod":        {60, 1_209_600, 345_600, func(s *settings) *int { return &s.MessageRetentionPeriod }},
	"DelaySeconds":                  {0, 900, 0, func(s *settings) *int { return &s.DelaySeconds }},
	"ReceiveMessageWaitTimeSeconds": {0, 20, 0, func(s *settings) *int { return &s.ReceiveMessageWaitTimeSeconds }},
}

var queueName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,80}$`)

// parseSettings checks a queue's name and reads its attributes.
func parseSettings(name string, attributes map[string]string) (settings, error) {
	if strings.HasSuffix(name, ".fifo") {
		return settings{}, refuse("UnsupportedOperation", "QueueName %s: the local SQS has standard queues alone, not FIFO ones", name)
	}
	if !queueName.MatchString(name) {
		return settings{}, refuse("InvalidParameterValue", "QueueName %q: can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length", name)
	}
	parsed := settings{SqsManagedSseEnabled: "true"}
	for _, numeric := range numericSettings {
		*numeric.of(&parsed) = numeric.initial
	}
	for _, attribute := range slices.Sorted(maps.Keys(attributes)) {
		if err := parsed.set(attribute, attributes[attribute]); err != nil {
			return settings{}, err
		}
	}
	return parsed, nil
}

func (s *settings) set(attribute, text string) error {
	if attribute == "SqsManagedSseEnabled" && (text == "true" || text == "false") {
		s.SqsManagedSseEnabled = text
		return nil
	}
	numeric, ok := numericSettings[attribute]
	if !ok {
		return refuse("InvalidAttributeName", "the local SQS does not implement the attribute %s with the value %q", attribute, text)
	}
	value, err := strconv.Atoi(text)
	if err != nil || value < numeric.low || value > numeric.high {
		return refuse("InvalidAttributeValue", "Invalid value for the parameter %s: %q is not within %d to %d", attribute, text, numeric.low, numeric.high)
	}
	*numeric.of(s) = value
	return nil
}

// attributes are the settings in the names and texts of GetQueueAttributes.
func (s *settings) attributes() map[string]string {
	all := map[string]string{"SqsManagedSseEnabled": s.SqsManagedSseEnabled}
	for name, numeric := range numericSettings {
		all[name] = strconv.Itoa(*numeric.of(s))
	}
	return all
}

func seconds(n int) time.Duration { return time.Duration(n) * time.Second }
