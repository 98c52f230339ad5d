package scheduler_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"delfos/infra/local/scheduler"
)

func TestUpcomingFiringsAreThoseThatWillBe(t *testing.T) {
	t.Parallel()
	created := begin.Add(90*time.Minute + 500*time.Millisecond)
	from := func(d scheduler.Definition, start, end time.Duration) scheduler.Definition {
		d.StartDate, d.EndDate = &scheduler.Timestamp{Time: begin.Add(start)}, &scheduler.Timestamp{Time: begin.Add(end)}
		return d
	}
	for name, test := range map[string]struct {
		definition scheduler.Definition
		want       []time.Duration
	}{
		"a rate, from its creation": {definition("r", "rate(1 hour)", functionARN), []time.Duration{150 * time.Minute, 210 * time.Minute, 270 * time.Minute}},
		"a rate, from its start":    {from(definition("r", "rate(1 hour)", functionARN), 4*time.Hour, 5*time.Hour), []time.Duration{4 * time.Hour, 5 * time.Hour}},
		"a cron":                    {definition("c", "cron(0 0/2 * * ? *)", functionARN), []time.Duration{2 * time.Hour, 4 * time.Hour, 6 * time.Hour}},
		"an at, whatever its dates": {from(definition("a", "at(2000-01-02T00:00:00)", functionARN), 0, time.Hour), []time.Duration{24 * time.Hour}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := scheduler.Upcoming(test.definition, created, created, 3)
			if err != nil {
				t.Fatal(err)
			}
			var offsets []time.Duration
			for _, one := range got {
				offsets = append(offsets, one.Sub(begin))
			}
			if diff := cmp.Diff(test.want, offsets); diff != "" {
				t.Error(diff)
			}
		})
	}
	if _, err := scheduler.Upcoming(definition("bad", "daily", functionARN), created, created, 1); err == nil || !strings.Contains(err.Error(), "ScheduleExpression") {
		t.Error(err)
	}
}
