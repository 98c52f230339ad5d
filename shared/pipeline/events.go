package pipeline

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"delfos/shared/pipeline/machine"
)

// Event is one event of an execution's history.
type Event struct {
	machine.Event

	MapRun  string          // ARN, where the event is of one
	Details json.RawMessage // all that there is, long texts such as inputs and outputs cut at 8 KB; nil is nothing
}

// EventList is a page of a history.
type EventList struct {
	Events []Event
	Next   string // what to ask with for the next page; empty after the last
}

// Events lists the history of a backfill's execution, 100 events a page: from the
// newest event where newestFirst is set, otherwise from the oldest. There are none where
// the execution is forgotten. The errors are those of Backfill, and an *InvalidError
// where after is no Next.
//
// IAM: states:GetExecutionHistory on the state machine's executions, dynamodb:GetItem on
// the backfills table, dynamodb:Query on the partitions table.
func (p *Pipeline) Events(ctx context.Context, name, after string, newestFirst bool) (EventList, error) {
	if !isName(name) {
		return EventList{}, noBackfill(name)
	}
	ctx, cancel := context.WithTimeout(ctx, readWithin)
	defer cancel()
	answer, err := p.sfn.GetExecutionHistory(ctx, &sfn.GetExecutionHistoryInput{
		ExecutionArn: aws.String(p.executionARN(name)), ReverseOrder: newestFirst, MaxResults: eventsPage,
		IncludeExecutionData: aws.Bool(true), NextToken: given(after),
	})
	if _, invalid := errors.AsType[*types.InvalidToken](err); invalid {
		return EventList{}, &InvalidError{"after", "want the next of the page before, or nothing"}
	}
	if err != nil {
		return EventList{}, p.recallable(ctx, name, explainBackfill(name, err))
	}
	list := EventList{Next: aws.ToString(answer.NextToken)}
	for i := range answer.Events {
		event, err := toEvent(&answer.Events[i])
		if err != nil {
			return EventList{}, &RefusedError{theMachine, err}
		}
		list.Events = append(list.Events, event)
	}
	return list, nil
}

const eventsPage = 100

// given is a text that may be missing.
func given(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// longestText is how much is kept of each text of an event's details, in bytes.
const longestText = 8 << 10

// toEvent finds the details of an event, of which it has those of its type alone.
func toEvent(from *types.HistoryEvent) (Event, error) {
	event := Event{Event: machine.Event{ID: from.Id, Previous: from.PreviousEventId, At: utc(from.Timestamp), Type: string(from.Type)}}
	text, err := json.Marshal(from)
	if err != nil {
		return event, err
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(text, &members); err != nil {
		return event, err
	}
	for name, member := range members {
		if !strings.HasSuffix(name, "EventDetails") || string(member) == "null" {
			continue
		}
		var details map[string]any
		if err := json.Unmarshal(member, &details); err != nil {
			return event, err
		}
		return event, event.take(details)
	}
	return event, nil
}

// take reads an event's details.
func (e *Event) take(details map[string]any) error {
	short := map[string]any{}
	text := map[string]string{}
	for name, value := range details {
		if value == nil {
			continue
		}
		name = strings.ToLower(name[:1]) + name[1:]
		if is, ok := value.(string); ok {
			text[name] = is
			value = cut(is, longestText)
		}
		short[name] = value
	}
	e.State, e.Error, e.Cause, e.MapRun = text["name"], text["error"], text["cause"], text["mapRunArn"]
	var err error
	e.Details, err = json.Marshal(short)
	return err
}

// cut shortens a text to so many bytes, and says so.
func cut(text string, most int) string {
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "…"
}
