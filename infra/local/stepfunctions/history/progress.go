package history

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Position is how far one scope has come: the execution itself, a branch of a
// Parallel or an iteration of an inline Map.
type Position struct {
	Scope     string
	Variables map[string]json.RawMessage // set in this scope

	State     string // the last one entered
	Kind      string // its type
	EnteredID int64
	EnteredAt int64
	Input     json.RawMessage

	Exited bool
	Next   string // where Exited: the state to go to; "" where the scope is done
	Output json.RawMessage

	// Of a Map or Parallel that is not exited: how often it was started; the Map Run
	// of the last start; whether nothing of it can be used again.
	Starts int
	MapRun string
	Spent  bool

	Iteration Type // the last event of an iteration as such
	Index     int
	Order     int64 // id of the scope's last event
}

// Done tells whether the scope has come to its end with success.
func (p *Position) Done() bool { return p.Exited && p.Next == "" }

// Progress is how far each scope of an execution has come, by the scopes' names.
type Progress map[string]*Position

// ScopeName names a branch or iteration of the Map or Parallel state that was
// entered with that event, in its start number starts.
func ScopeName(enteredID int64, starts, index int) string {
	return fmt.Sprintf("%d.%d.%d", enteredID, starts, index)
}

// Apply takes the execution's next event in.
func (p Progress) Apply(event *Event) {
	position := p[event.Scope]
	if position == nil {
		position = &Position{Scope: event.Scope, Variables: map[string]json.RawMessage{}}
		p[event.Scope] = position
	}
	position.Order = event.ID
	kind := string(event.Type)
	switch {
	case strings.HasSuffix(kind, Entered):
		*position = Position{
			Scope: position.Scope, Variables: position.Variables, Iteration: position.Iteration, Index: position.Index, Order: event.ID,
			State: event.Name, Kind: strings.TrimSuffix(kind, Entered), EnteredID: event.ID, EnteredAt: event.At, Input: event.Input,
		}
	case strings.HasSuffix(kind, Exited):
		position.exit(event)
	case strings.HasSuffix(kind, Started):
		position.Starts++
		position.MapRun, position.Spent = "", false
	case strings.HasSuffix(kind, Failed):
		position.Spent = event.Error == "States.DataLimitExceeded"
	case event.Type == MapRunStarted:
		position.MapRun = event.MapRun
	case event.Type == MapIterationStarted, event.Type == MapIterationSucceeded,
		event.Type == MapIterationFailed, event.Type == MapIterationAborted:
		position.Iteration, position.Index = event.Type, event.Index
	}
}

func (p *Position) exit(event *Event) {
	p.Exited, p.Next, p.Output, p.Input = true, event.Next, event.Output, nil
	maps.Copy(p.Variables, event.Assigned)
}

// Open gives the events that end what is open, the innermost first: the states that
// can be aborted and the iterations of a Map.
func (p Progress) Open() []Event {
	return p.open(p[""])
}

func (p Progress) open(position *Position) []Event {
	if position == nil || position.Done() {
		return nil
	}
	if position.State == "" || position.Exited {
		return nil // between two states
	}
	var events []Event
	if position.Starts > 0 && !position.Spent {
		prefix := strings.TrimSuffix(ScopeName(position.EnteredID, position.Starts, 0), "0")
		var within []*Position
		for name, inner := range p {
			if strings.HasPrefix(name, prefix) {
				within = append(within, inner)
			}
		}
		slices.SortFunc(within, func(a, b *Position) int { return cmp.Compare(a.Order, b.Order) })
		for _, inner := range within {
			events = append(events, p.open(inner)...)
			if inner.Iteration == MapIterationStarted {
				events = append(events, Event{
					Type: MapIterationAborted, Scope: inner.Scope, Previous: inner.Order, Name: position.State, Index: inner.Index,
				})
			}
		}
	}
	switch position.Kind {
	case "Task", "Wait", "Map", "Parallel":
		events = append(events, Event{Type: Type(position.Kind + Aborted), Scope: position.Scope, Previous: position.Order})
	}
	return events
}
