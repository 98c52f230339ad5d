package overview

import (
	"cmp"
	"errors"
	"fmt"
	"time"

	"delfos/shared/console/graph"
	"delfos/shared/console/site"
	"delfos/shared/pipeline"
	"delfos/shared/status"
)

// stations are the pipeline's parts in the order in which data passes them. What they
// say changes rarely, so that a part that is polled stays the same.
func stations(s *site.Site, o pipeline.Overview) []graph.Station {
	source := graph.Station{Name: "Source", Note: "no samples yet", Status: answers(o.Source.Err), Href: "/api", Flow: "SQL", Title: words(o.Source.Err)}
	if last := o.Source.Value.Extent.Last; !last.IsZero() {
		source.Note = "to " + last.In(s.Location).Format("2006-01-02 15:04")
		source.Title = "The last sample is of " + last.In(s.Location).Format("2006-01-02 15:04:05 MST")
	}
	if o.Source.Err != nil {
		source.Note = without(o.Source.Err, "cannot be told")
	}
	api := graph.Station{Name: "Source API", Note: "answers " + roughly(o.API.Value.Took), Status: answers(o.API.Err), Href: "/api", Flow: "GET /data", Title: words(o.API.Err)}
	if o.API.Err != nil {
		api.Note = without(o.API.Err, "does not answer")
	}
	target := graph.Station{Name: "Target", Note: plural(o.Target.Value.Published, "day") + " published", Status: answers(o.Target.Err), Href: "/partitions", Title: words(o.Target.Err)}
	if o.Target.Err != nil {
		target.Note = without(o.Target.Err, "does not answer")
	}
	return []graph.Station{source, api, etl(o), target}
}

// etl is as its runs are, with what starts them.
func etl(o pipeline.Overview) graph.Station {
	e := graph.Station{Name: "etl", Note: "idle", Status: graph.Waiting, Href: "/runs", Flow: "COPY", Starts: []graph.Station{tick(o), backfills(o)}}
	switch at := o.Days.Value.Attempts[status.AttemptRunning]; {
	case o.LastRuns.Err != nil || o.Days.Err != nil:
		err := cmp.Or(o.LastRuns.Err, o.Days.Err)
		e.Status, e.Note, e.Title = graph.Unknown, without(err, "cannot be told"), words(err)
	case at > 0:
		e.Status, e.Note = graph.Running, "runs "+plural(at, "day")
	case len(o.LastRuns.Value) > 0:
		last := o.LastRuns.Value[0]
		e.Note = last.Partition.String() + " " + string(last.Outcome)
		e.Status = map[status.Outcome]graph.Status{
			status.OutcomeSucceeded: graph.Succeeded, status.OutcomeFailed: graph.Failed,
			status.OutcomeCancelled: graph.Cancelled, status.OutcomeRunning: graph.Running,
		}[last.Outcome]
	}
	return e
}

func tick(o pipeline.Overview) graph.Station {
	t := graph.Station{Name: "Schedules", Note: "none", Status: graph.Unknown, Href: "/schedules", Title: words(o.Schedules.Err)}
	if o.Schedules.Err != nil {
		t.Note = without(o.Schedules.Err, "cannot be told")
		return t
	}
	on := 0
	for _, s := range o.Schedules.Value {
		if s.On {
			on++
		}
	}
	switch all := len(o.Schedules.Value); {
	case all == 0:
	case on == 0:
		t.Status, t.Note = graph.Cancelled, "all off"
	case on < all:
		t.Status, t.Note = graph.Succeeded, fmt.Sprintf("%d of %d on", on, all)
	default:
		t.Status, t.Note = graph.Succeeded, fmt.Sprintf("%d on", on)
	}
	return t
}

func backfills(o pipeline.Overview) graph.Station {
	b := graph.Station{Name: "Backfills", Note: "none", Status: graph.Waiting, Href: "/backfills", Title: words(o.Backfills.Err)}
	switch running := o.Running(); {
	case o.Backfills.Err != nil:
		b.Status, b.Note = graph.Unknown, without(o.Backfills.Err, "cannot be told")
	case len(running) > 0:
		b.Status, b.Note = graph.Running, fmt.Sprintf("%d running", len(running))
	case len(o.Backfills.Value) > 0:
		last := o.Backfills.Value[0]
		b.Note = "last one " + string(last.State)
		b.Status = map[status.BackfillState]graph.Status{
			status.BackfillSucceeded: graph.Succeeded, status.BackfillFailed: graph.Failed, status.BackfillCancelled: graph.Cancelled,
			pipeline.BackfillGone: graph.Unknown,
		}[last.State]
	}
	return b
}

// errAsking stands for what failed only because patience ran out.
var errAsking = errors.New("not answered yet")

// without is what to say of a station without an answer.
func without(err error, note string) string {
	if errors.Is(err, errAsking) {
		return errAsking.Error()
	}
	return note
}

func answers(err error) graph.Status {
	switch {
	case errors.Is(err, errAsking):
		return graph.Unknown
	case err != nil:
		return graph.Failed
	default:
		return graph.Succeeded
	}
}

// words is the error's text, if there is one.
func words(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// roughly writes a duration so coarsely that two answers in a row seldom differ.
func roughly(d time.Duration) string {
	for _, limit := range []time.Duration{50 * time.Millisecond, 250 * time.Millisecond, time.Second, 5 * time.Second} {
		if d < limit {
			return "within " + site.Duration(limit)
		}
	}
	return "after " + site.Duration(d.Round(time.Second))
}

func plural(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return site.Number(n) + " " + one + "s"
}

// healthLine is a part that the graph does not draw.
type healthLine struct {
	Name, State, Note string
}

// health is how the services behind the graph's stations answer.
func health(o pipeline.Overview) []healthLine {
	lines := []healthLine{
		service("Status tables", o.Days.Err, "DynamoDB answers"),
		service("Backfills", o.Backfills.Err, "Step Functions answers"),
		service("Schedules", o.Schedules.Err, "the Scheduler answers"),
	}
	if o.Letters.Err != nil || o.Letters.Value.Queue != "" {
		letters := service("Dead letters", o.Letters.Err, "none waits")
		if waiting := o.Letters.Value.Waiting + o.Letters.Value.InFlight; o.Letters.Err == nil && waiting > 0 {
			letters.State, letters.Note = "degraded", plural(waiting, "message")+" could not be delivered"
		}
		lines = append(lines, letters)
	}
	return lines
}

func service(name string, err error, good string) healthLine {
	if errors.Is(err, errAsking) {
		return healthLine{name, "unknown", err.Error()}
	}
	if err != nil {
		return healthLine{name, "down", err.Error()}
	}
	return healthLine{name, "up", good}
}
