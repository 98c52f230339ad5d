package pipeline

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"delfos/shared/partition"
	"delfos/shared/status"
)

// Urgency is how soon somebody should look.
type Urgency int

// The urgencies, the most urgent last.
const (
	Notice  Urgency = iota // worth knowing
	Warning                // soon
	Alarm                  // now: data does not arrive
)

// String is "notice", "warning" or "alarm".
func (u Urgency) String() string { return [...]string{"notice", "warning", "alarm"}[u] }

// Attention is something that needs a person.
type Attention struct {
	Kind    string // "api", "source", "target", "status", "failed", "missing", "stale", "backfill", "letters", "schedule"
	Urgency Urgency
	Title   string // what is the matter, a short sentence without a full stop
	Advice  string // what to do, a sentence

	Days     []partition.Key // that it is about, oldest first; nil where it is about none
	Backfill string          // name, likewise
	Schedule string          // name, likewise
}

// attentionOf finds what needs a person, the most urgent first.
func attentionOf(o Overview, calendar partition.Calendar) []Attention {
	all := slices.Concat(healthAttention(o, calendar), dayAttention(o), backfillAttention(o), otherAttention(o))
	slices.SortStableFunc(all, func(a, b Attention) int { return cmp.Compare(b.Urgency, a.Urgency) })
	return all
}

// healthAttention is about parts of the system that do not do their part.
func healthAttention(o Overview, calendar partition.Calendar) []Attention {
	var all []Attention
	add := func(kind string, err error, title, advice string) {
		if err != nil {
			all = append(all, Attention{Kind: kind, Urgency: Alarm, Title: title, Advice: advice})
		}
	}
	add("api", o.API.Err, "The source API does not answer", "Look at the source API's function and its logs; until it answers, no day can be run.")
	if o.API.Err == nil {
		add("source", o.Source.Err, "The source database does not answer", "Look at the source database; until it answers, no day can be run.")
	}
	add("target", o.Target.Err, "The target database does not answer", "Look at the target database; until it answers, no day can be published.")
	add("status", o.Days.Err, "The status of the partitions cannot be read", "Look at the tables of DynamoDB; until they can be read, nothing is known and no day can be run.")
	extent := o.Source.Value.Extent
	if o.Source.Err != nil || o.Days.Err != nil || o.Days.Value.Total == 0 {
		return all
	}
	last := o.Days.Value.Last
	if extent.Last.Before(calendar.Span(last).Start) {
		title := "The source has no samples"
		if !extent.Last.IsZero() {
			title = fmt.Sprintf("The source has no samples of %s: its last is of %s", last, extent.Last.In(calendar.Location()).Format("2006-01-02 15:04"))
		}
		all = append(all, Attention{
			Kind: "source", Urgency: Warning, Title: title, Days: []partition.Key{last},
			Advice: "Ask whoever runs the turbine's data logger; the days are run by the sweep once they are there.",
		})
	}
	return all
}

// dayAttention is about days whose data is not as it should be.
func dayAttention(o Overview) []Attention {
	var all []Attention
	add := func(kind string, urgency Urgency, days []partition.Key, title, advice string) {
		if len(days) > 0 {
			all = append(all, Attention{Kind: kind, Urgency: urgency, Days: days, Title: title, Advice: advice})
		}
	}
	c := o.Days.Value
	add("failed", Alarm, c.Failed, haveOf(c.Failed)+" failed, and there is no data", "See why in the day's last run, mend the cause, and run it again; waive a day of which no data is to be expected.")
	add("failed", Warning, c.FailedAgain, haveOf(c.FailedAgain)+" failed when run again", "The data of before is still there. See why in the day's last run, and run it again.")
	urgency := Warning
	if len(c.Missing) == 1 && c.Missing[0] == c.Last {
		urgency = Notice // the day that has just ended waits for its tick
	}
	add("missing", urgency, c.Missing, haveOf(c.Missing)+" no data yet", "Backfill what is missing; waive days of which no data is to be expected.")
	add("stale", Notice, c.Stale, haveOf(c.Stale)+" changed in the source since being published", "Backfill what is stale.")
	return all
}

// haveOf is "2026-02-20 has" or "3 days have".
func haveOf(days []partition.Key) string {
	if len(days) == 1 {
		return days[0].String() + " has"
	}
	return fmt.Sprintf("%d days have", len(days))
}

// The time for which a backfill that failed is told of.
const (
	tellFailed = 24 * time.Hour
	tellUndone = 14 * 24 * time.Hour // for which Step Functions can redrive it
)

// backfillAttention is about backfills that failed: where partitions of theirs are
// failed still or, of others, for a day.
func backfillAttention(o Overview) []Attention {
	undone := map[string][]partition.Key{}
	for _, day := range o.Days.Value.all {
		if day.Attempt == status.AttemptFailed {
			undone[day.BackfillID] = append(undone[day.BackfillID], day.Key)
		}
	}
	var all []Attention
	for _, b := range o.Backfills.Value {
		if b.State != status.BackfillFailed {
			continue
		}
		ago, days := o.At.Sub(b.EndedAt), undone[b.Name]
		partitionsFailed := b.Failure != nil && b.Failure.Type == "PartitionsFailed"
		if (partitionsFailed && len(days) > 0 && ago < tellUndone) || (!partitionsFailed && ago < tellFailed) {
			all = append(all, Attention{
				Kind: "backfill", Urgency: Warning, Backfill: b.Name, Days: days,
				Title: "Backfill " + b.Name + " has failed", Advice: "Mend the cause, then redrive it: it runs just what failed.",
			})
		}
	}
	return all
}

// otherAttention is about what does not run or was not delivered.
func otherAttention(o Overview) []Attention {
	var all []Attention
	if letters := o.Letters.Value; letters.Waiting+letters.InFlight > 0 {
		all = append(all, Attention{
			Kind: "letters", Urgency: Warning, Title: fmt.Sprintf("%d messages wait in the dead-letter queue", letters.Waiting+letters.InFlight),
			Advice: "Each is a tick, a run or a status change that was given up: read them in SQS (" + letters.Queue + "), see to what they are of, and delete them.",
		})
	}
	for _, s := range o.Schedules.Value {
		switch {
		case s.Problem != "":
			all = append(all, Attention{Kind: "schedule", Urgency: Warning, Schedule: s.Name, Title: "The ticks of " + s.Name + " cannot be told", Advice: s.Problem + "."})
		case !s.On:
			all = append(all, Attention{
				Kind: "schedule", Urgency: Warning, Schedule: s.Name, Title: s.Name + " is switched off",
				Advice: "Nothing runs by itself that it would run: switch it on when it may.",
			})
		}
	}
	return all
}
