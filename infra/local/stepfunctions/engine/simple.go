package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"strconv"
	"time"

	"delfos/infra/local/stepfunctions/asl"
)

// maxSeconds is the longest wait or timeout that a state may have.
const maxSeconds = 99_999_999

func (v *visit) pass(input any) (outcome, error) {
	result, err := fill(v.state.Parameters, v.over(input))
	if err != nil {
		return outcome{}, err
	}
	if v.state.HasResult {
		result = v.state.Result
	}
	return v.result(result)
}

// choose takes the first rule that holds. Its variables are set, and then those of
// the state, which win: recorded against AWS ("assign-in-choice-state").
func (v *visit) choose(input any) (outcome, error) {
	scope := v.over(input)
	next, assigned := v.state.Default, map[string]any{}
	for i := range v.state.Choices {
		rule := &v.state.Choices[i]
		matches, err := rule.Matches(scope)
		if err != nil {
			return outcome{}, err
		}
		if !matches {
			continue
		}
		next = rule.Next
		if assigned, err = v.assign(rule.Assign, input); err != nil {
			return outcome{}, err
		}
		break
	}
	if next == "" {
		return outcome{}, &asl.RuntimeError{Name: asl.ErrorNoChoiceMatched, Cause: "Failed to transition out of the state. The state does not point to a next state."}
	}
	done, err := v.finish(input)
	if assigned == nil {
		assigned = map[string]any{}
	}
	maps.Copy(assigned, done.assigned)
	done.assigned, done.next = assigned, next
	return done, err
}

func (v *visit) pause(ctx context.Context, input any) (outcome, error) {
	delay, err := v.delay(input)
	if err != nil {
		return outcome{}, err
	}
	if err := v.wait(ctx, delay); err != nil {
		return outcome{}, err
	}
	return v.finish(input)
}

func (v *visit) delay(input any) (time.Duration, error) {
	st := v.state
	switch {
	case st.Seconds != nil:
		return time.Duration(*st.Seconds) * time.Second, nil
	case st.SecondsPath != nil:
		seconds, err := v.seconds("SecondsPath", st.SecondsPath, input)
		return time.Duration(seconds) * time.Second, err
	}
	text := st.Timestamp
	if st.TimestampPath != nil {
		value, err := path(st.TimestampPath, v.over(input))
		if err != nil {
			return 0, err
		}
		var ok bool
		if text, ok = value.(string); !ok {
			text = plain(value)
		}
	}
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return 0, runtimeError("The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format string: %s == %s",
			st.TimestampPath, text)
	}
	return at.Sub(v.Now()), nil
}

// seconds reads a number of seconds that a path leads to.
func (v *visit) seconds(field string, p *asl.Path, input any) (int64, error) {
	value, err := path(p, v.over(input))
	if err != nil {
		return 0, err
	}
	seconds, ok := integer(value)
	switch {
	case !ok:
		return 0, runtimeError("The %s parameter cannot be parsed as a long value: %s == %s", field, p, plain(value))
	case seconds < 0 || seconds > maxSeconds:
		return 0, runtimeError("The %s parameter must be between 0 and %d: %s == %d", field, maxSeconds, p, seconds)
	}
	return seconds, nil
}

func (v *visit) fail(input any) error {
	text := func(constant string, p *asl.Path, field string) (string, error) {
		if p == nil {
			return constant, nil
		}
		value, err := path(p, v.over(input))
		if err != nil {
			return "", err
		}
		said, ok := value.(string)
		if !ok {
			return "", runtimeError("The %s field refers to value \"%s\" which is not a string: %s", field, plain(value), p)
		}
		return said, nil
	}
	name, err := text(v.state.Error, v.state.ErrorPath, "ErrorPath")
	if err != nil {
		return err
	}
	cause, err := text(v.state.Cause, v.state.CausePath, "CausePath")
	if err != nil {
		return err
	}
	return &StateError{Name: name, Cause: cause}
}

func runtimeError(format string, args ...any) error {
	return &asl.RuntimeError{Name: asl.ErrorRuntime, Cause: fmt.Sprintf(format, args...)}
}

// integer reads a JSON number without a fraction.
func integer(value any) (int64, bool) {
	number, ok := value.(json.Number)
	if !ok {
		return 0, false
	}
	if n, err := strconv.ParseInt(string(number), 10, 64); err == nil {
		return n, true
	}
	f, err := number.Float64()
	return int64(f), err == nil && f == math.Trunc(f) && math.Abs(f) < 1<<53
}

// plain is a value as Step Functions' messages have it: a string without quotes.
func plain(value any) string {
	if text, ok := value.(string); ok {
		return text
	}
	text, err := encode(value)
	if err != nil {
		return fmt.Sprint(value)
	}
	return string(text.text)
}
