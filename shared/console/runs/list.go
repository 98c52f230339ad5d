package runs

import (
	"html/template"
	"net/http"
	"net/url"
	"time"

	"delfos/shared/console/query"
	"delfos/shared/console/site"
	"delfos/shared/pipeline"
	"delfos/shared/status"
)

// pageSize is how many runs the list has on a page.
const pageSize = 60

var (
	outcomes = []string{string(status.OutcomeRunning), string(status.OutcomeSucceeded), string(status.OutcomeFailed), string(status.OutcomeCancelled)}
	triggers = []string{string(status.TriggerManual), string(status.TriggerSchedule), string(status.TriggerBackfill)}
	// within are how far back the timeline can look.
	within = []span{{"15m", "15 minutes", 15 * time.Minute}, {"1h", "hour", time.Hour}, {"24h", "24 hours", 24 * time.Hour}, {"7d", "7 days", 7 * 24 * time.Hour}}
)

type span struct {
	Name, Title string
	length      time.Duration
}

// choice is what the address says.
type choice struct {
	Outcome, Trigger, Partition, Backfill, Within, Before string
}

// list is what the page of runs shows.
type list struct {
	choice
	Outcomes, Triggers []string
	Spans              []span
	Runs               []row
	Timeline           template.HTML
	Breaks             bool   // the timeline leaves time out
	Next               string // the address of older runs; "" is none
	Newest             string // the address of the newest runs; "" is this
	Poll               string // the address of the live part; "" where older runs are shown
	Filtered           bool
}

// row is one run.
type row struct {
	pipeline.Run
	Took  time.Duration
	Known bool // how long it took
}

func (p pages) list(w http.ResponseWriter, r *http.Request) {
	data, err := p.read(r)
	if err != nil {
		p.site.Fail(w, r, err)
		return
	}
	p.site.Render(w, r, site.Page{
		Title: "Runs", Section: "runs", Template: p.template, Name: "runs", Data: data, Styles: []string{"runs.css"},
	})
}

func (p pages) listPart(w http.ResponseWriter, r *http.Request) {
	data, err := p.read(r)
	if err != nil {
		p.site.Fail(w, r, err)
		return
	}
	p.site.Fragment(w, r, p.template, "runs-part", data)
}

func (p pages) read(r *http.Request) (list, error) {
	chosen, filter, err := p.choose(r)
	if err != nil {
		return list{}, err
	}
	found, err := p.pipeline.Runs(r.Context(), filter, pipeline.Page{Limit: pageSize, Before: chosen.Before})
	if err != nil {
		return list{}, err
	}
	now := p.site.Now()
	data := list{choice: chosen, Outcomes: outcomes, Triggers: triggers, Spans: within, Filtered: chosen.filtered()}
	for _, run := range found.Runs {
		took, known := run.Took(now)
		data.Runs = append(data.Runs, row{run, took, known})
	}
	data.Timeline, data.Breaks = timeline(found.Runs, now, p.site.Location)
	if found.Next != "" {
		data.Next = chosen.older(found.Next).address("/runs")
	}
	if chosen.Before == "" {
		data.Poll = chosen.address("/runs/fragment")
	} else {
		data.Newest = chosen.older("").address("/runs")
	}
	return data, nil
}

// choose reads the address.
func (p pages) choose(r *http.Request) (choice, pipeline.RunFilter, error) {
	q := query.Of(r)
	key := q.Day("partition")
	chosen := choice{
		Outcome: q.OneOf("outcome", outcomes...), Trigger: q.OneOf("trigger", triggers...), Partition: key.String(),
		Backfill: q.Text("backfill"), Within: q.OneOf("within", "15m", "1h", "24h", "7d"), Before: q.Text("before"),
	}
	filter := pipeline.RunFilter{
		Partition: key, Backfill: chosen.Backfill, Outcome: status.Outcome(chosen.Outcome), Trigger: status.Trigger(chosen.Trigger),
	}
	if key.IsZero() {
		chosen.Partition = ""
	}
	for _, each := range within {
		if each.Name == chosen.Within {
			filter.Since = p.site.Now().Add(-each.length)
		}
	}
	return chosen, filter, q.Err()
}

func (c choice) filtered() bool { return c.older("") != choice{} }

// older is the same choice from another run on.
func (c choice) older(before string) choice {
	c.Before = before
	return c
}

// address is where the choice is seen.
func (c choice) address(path string) string {
	values := url.Values{}
	for name, value := range map[string]string{
		"outcome": c.Outcome, "trigger": c.Trigger, "partition": c.Partition, "backfill": c.Backfill, "within": c.Within, "before": c.Before,
	} {
		if value != "" {
			values.Set(name, value)
		}
	}
	if len(values) == 0 {
		return path
	}
	return path + "?" + values.Encode()
}
