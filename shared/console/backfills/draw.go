package backfills

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"delfos/shared/console/graph"
	"delfos/shared/console/site"
	"delfos/shared/pipeline"
	"delfos/shared/pipeline/machine"
)

// stateRow is a state of the machine as the list below the drawing has it.
type stateRow struct {
	Name, Type, Comment string
	Standing            string // "" is never entered
	Note                string
	Within              string // the state that holds it
}

// draw draws the machine, and lists its states.
func (s *state) draw(now time.Time) {
	b := s.BackfillDetail
	if b.Graph.Err != nil {
		s.GraphErr = b.Graph.Err.Error()
		return
	}
	live := map[string]graph.Live{}
	for name, each := range b.States.Value {
		live[name] = liveOf(each, now)
	}
	s.addMaps(b.Graph.Value, live)
	title := fmt.Sprintf("The state machine of backfill %s, which is %s. Its states are listed below.", b.Name, b.State)
	drawn, err := graph.Draw(b.Definition, title, live)
	if err != nil {
		s.GraphErr = err.Error()
	}
	s.Graph = drawn
	s.list(b.Graph.Value, live, "")
}

func liveOf(s pipeline.StateState, now time.Time) graph.Live {
	live := graph.Live{Status: graph.Status(s.Standing)}
	switch {
	case s.Standing == machine.Failed && s.Error != "":
		live.Note = s.Error
	case !s.EndedAt.IsZero():
		live.Note = site.Duration(s.Took(now))
	}
	if s.Entered > 1 {
		live.Note = strings.TrimPrefix(live.Note+", "+times(s.Entered), ", ")
	}
	if s.Retries > 0 {
		live.Title = "Tried again " + times(s.Retries) + ". "
	}
	if s.Error != "" {
		live.Title += s.Error + ": " + cutText(s.Cause, 600)
	}
	return live
}

// addMaps tells how the items of each Map stand, and thereby what is done with each: that
// happens in executions of its own, of which the backfill's history says nothing.
func (s *state) addMaps(g machine.Graph, live map[string]graph.Live) {
	for _, node := range g.Nodes {
		run := s.lastRun(node.Name, g)
		if node.Inner == nil || run == nil {
			continue
		}
		c := run.Counts
		each := live[node.Name]
		each.Counts = &graph.Counts{Succeeded: c.Succeeded, Failed: c.Failed, Cancelled: c.Cancelled, Running: c.Running, Total: c.Total}
		each.Note = fmt.Sprintf("%d of %d", c.Succeeded+c.Failed+c.Cancelled, c.Total)
		if c.Failed > 0 {
			each.Note += fmt.Sprintf(", %d failed", c.Failed)
		}
		live[node.Name] = each
		if len(node.Inner.Nodes) == 1 {
			live[node.Inner.Nodes[0].Name] = itemsLive(c)
		}
	}
}

// lastRun is the map run of a state's last entry; nil is none. A map run's ARN has the
// state's label (Step Functions API Reference, "DescribeMapRun"), which is its name where
// the definition gives it none.
func (s *state) lastRun(name string, g machine.Graph) *pipeline.MapRun {
	maps := 0
	for _, node := range g.Nodes {
		if node.Inner != nil {
			maps++
		}
	}
	runs := s.MapRuns.Value
	for i := len(runs) - 1; i >= 0; i-- {
		if maps == 1 || strings.Contains(runs[i].ARN, "/"+name+":") {
			return &runs[i]
		}
	}
	return nil
}

// itemsLive is how what is done with each item stands, over all items.
func itemsLive(c pipeline.MapCounts) graph.Live {
	switch {
	case c.Running > 0:
		return graph.Live{Status: graph.Running, Note: fmt.Sprintf("%d at once", c.Running)}
	case c.Failed > 0:
		return graph.Live{Status: graph.Failed, Note: fmt.Sprintf("%d failed", c.Failed)}
	case c.Cancelled > 0:
		return graph.Live{Status: graph.Cancelled, Note: fmt.Sprintf("%d cancelled", c.Cancelled)}
	case c.Succeeded > 0:
		return graph.Live{Status: graph.Succeeded, Note: times(c.Succeeded)}
	default:
		return graph.Live{}
	}
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

// list lists the states with what the drawing tells of them.
func (s *state) list(g machine.Graph, live map[string]graph.Live, within string) {
	for _, node := range g.Nodes {
		each := live[node.Name]
		s.States = append(s.States, stateRow{node.Name, node.Type, node.Comment, string(each.Status), each.Note, within})
		if node.Inner != nil {
			s.list(*node.Inner, live, node.Name)
		}
	}
}

func cutText(text string, most int) string {
	runes := []rune(text)
	if len(runes) <= most {
		return text
	}
	return string(runes[:most-1]) + "…"
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
