package partitions

import (
	"slices"

	"delfos/shared/partition"
	"delfos/shared/pipeline"
)

// selection is what is known of the days that are selected.
type selection struct {
	Tally   tally
	One     *pipeline.Day // where it is one day
	Presets []preset
}

// preset is a selection that one often wants.
type preset struct {
	Name, URL string
}

// found is a list of the days that the filter looks for, the newest first.
type found struct {
	Days  []pipeline.Day
	Total int
}

// maxFound is how many of the days that a filter looks for are listed.
const maxFound = 40

func newSelection(days []pipeline.Day, v view, first, last partition.Key) selection {
	s := selection{Presets: []preset{{"All days", v.WithDays(first, last).URL()}}}
	for _, recent := range []struct {
		name string
		days int
	}{{"Last 7 days", 7}, {"Last 30 days", 30}} {
		s.Presets = append(s.Presets, preset{recent.name, v.WithDays(later(first, last.AddDays(1-recent.days)), last).URL()})
	}
	if !v.Selected() {
		return s
	}
	selected := days[count(first, v.From)-1 : count(first, v.To)]
	s.Tally = tallyOf(selected)
	if len(selected) == 1 {
		s.One = &selected[0]
	}
	return s
}

// find lists the days that the filter looks for, within the selection where there is one.
func find(days []pipeline.Day, v view) found {
	var f found
	for _, day := range slices.Backward(days) {
		if day.Skipped || !v.matches(day.Data, day.Attempt) || v.Selected() && !v.selects(day.Key) {
			continue
		}
		if f.Total++; len(f.Days) < maxFound {
			f.Days = append(f.Days, day)
		}
	}
	return f
}
