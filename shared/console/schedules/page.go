package schedules

import (
	"context"
	"net/http"
	"time"

	"delfos/shared/backfill"
	"delfos/shared/console/query"
	"delfos/shared/console/site"
	"delfos/shared/partition"
	"delfos/shared/pipeline"
)

const (
	nextTicks = 5   // that are shown of each schedule
	mostTicks = 100 // that are shown of those that there were
)

// view is what the page shows.
type view struct {
	Live    live
	Day     string // whose ticks are looked at
	Preview []preview
	Problem string // why the preview cannot be made
}

// live is the part that follows what happens.
type live struct {
	Day       string
	Schedules []scheduled
	Ticks     []past
	TicksErr  string
}

// scheduled is one schedule.
type scheduled struct {
	pipeline.Schedule
	Ticks  []tick
	Clocks int // 1 where the schedule's show what UTC's do at each tick, otherwise 2
}

// tick is one to come.
type tick struct {
	Local, Offset string // by the schedule's clocks; Offset is "" where they show what UTC's do
	At            time.Time
	UTC           string
	Warning       string
}

// past is one that there was.
type past struct {
	pipeline.PastTick
	Late time.Duration // how long after its time it came; 0 is not worth a word
}

// preview is what the ticks of a day that do the same would do.
type preview struct {
	pipeline.Preview
	First, Last tick
	Included    []reason
	At          string // of the tick that is launched
}

// reason is how many days a sweep would take, and why.
type reason struct {
	Why         backfill.Why
	Days        int
	First, Last partition.Key
}

func (p pages) page(w http.ResponseWriter, r *http.Request) {
	q := query.Of(r)
	day := q.Day("day")
	if err := q.Err(); err != nil {
		p.site.Fail(w, r, err)
		return
	}
	if day.IsZero() {
		day = partition.NewKey(p.site.Now().In(p.site.Location).AddDate(0, 0, 1))
	}
	data := view{Day: day.String()}
	var err error
	if data.Live, err = p.readLive(r.Context(), data.Day); err != nil {
		p.site.Fail(w, r, err)
		return
	}
	if data.Preview, err = p.preview(r.Context(), day); err != nil {
		data.Problem = err.Error()
	}
	p.site.Render(w, r, site.Page{
		Title: "Schedules", Section: "schedules", Template: p.template, Name: "schedules", Data: data, Styles: []string{"schedules.css"},
	})
}

func (p pages) part(w http.ResponseWriter, r *http.Request) {
	q := query.Of(r)
	day := q.Text("day")
	if err := q.Err(); err != nil {
		p.site.Fail(w, r, err)
		return
	}
	data, err := p.readLive(r.Context(), day)
	if err != nil {
		p.site.Fail(w, r, err)
		return
	}
	p.site.Fragment(w, r, p.template, "live", data)
}

func (p pages) readLive(ctx context.Context, day string) (live, error) {
	found, err := p.pipeline.Schedules(ctx, nextTicks)
	if err != nil {
		return live{}, err
	}
	data := live{Day: day}
	for _, s := range found {
		one := scheduled{Schedule: s, Clocks: 1}
		for _, next := range s.Next {
			t := tickOf(next.At, s.Zone, next.Warning)
			if one.Ticks = append(one.Ticks, t); t.Offset != "" {
				one.Clocks = 2
			}
		}
		data.Schedules = append(data.Schedules, one)
	}
	ticks, err := p.pipeline.Ticks(ctx, mostTicks)
	if err != nil {
		data.TicksErr = err.Error()
	}
	for _, each := range ticks {
		one := past{PastTick: each}
		if late := each.FiredAt.Sub(each.ScheduledAt); !each.ScheduledAt.IsZero() && late >= time.Second {
			one.Late = late
		}
		data.Ticks = append(data.Ticks, one)
	}
	return data, nil
}

func tickOf(at time.Time, zone *time.Location, warning string) tick {
	if zone == nil {
		zone = time.UTC
	}
	const layout = "Mon 2006-01-02 15:04:05"
	t := tick{Local: at.In(zone).Format(layout), At: at, UTC: at.UTC().Format(layout), Warning: warning}
	if t.Local != t.UTC {
		t.Offset = at.In(zone).Format("-07:00")
	}
	return t
}

func (p pages) preview(ctx context.Context, day partition.Key) ([]preview, error) {
	found, err := p.pipeline.PreviewTick(ctx, day)
	if err != nil {
		return nil, err
	}
	all := make([]preview, len(found))
	for i, each := range found {
		all[i] = preview{
			Preview: each, First: tickOf(each.First, each.Schedule.Zone, ""), Last: tickOf(each.Last, each.Schedule.Zone, ""),
			At: each.First.UTC().Format(time.RFC3339),
		}
		if each.Plan != nil {
			all[i].Included = reasons(each.Plan.Included)
		}
	}
	return all, nil
}

// reasons are why a sweep would take days, in a fixed order.
func reasons(days map[backfill.Why][]partition.Key) []reason {
	var all []reason
	for _, why := range []backfill.Why{backfill.WhyMissing, backfill.WhyFailed, backfill.WhyCancelled, backfill.WhyStale, backfill.WhyMaterialized, backfill.WhyUnchanged, backfill.WhyRunning} {
		if n := len(days[why]); n > 0 {
			all = append(all, reason{why, n, days[why][0], days[why][n-1]})
		}
	}
	return all
}
