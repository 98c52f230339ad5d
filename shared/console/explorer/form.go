package explorer

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"delfos/shared/partition"
	"delfos/shared/pipeline"
	"delfos/shared/source"
)

// form is what is asked for, as the fields show it, and what is wrong with it.
type form struct {
	Variables  []choice
	Start, End string // as in a field of type datetime-local, in the partitions' zone
	Window     partition.Span
	Problems   map[string]string // by field: "variables", "start", "end"
}

type choice struct {
	Name, Unit string
	Chosen     bool
}

func (f form) ok() bool { return len(f.Problems) == 0 }

func (f form) chosen() []string {
	var names []string
	for _, c := range f.Variables {
		if c.Chosen {
			names = append(names, c.Name)
		}
	}
	return names
}

// fieldLayout is what browsers send of a datetime-local field; seconds may be there.
const fieldLayout = "2006-01-02T15:04"

// readForm reads the query. Without one it is the last day of samples, all variables.
func readForm(query url.Values, extent pipeline.Extent, zone *time.Location) form {
	f := form{Problems: map[string]string{}, Start: query.Get("start"), End: query.Get("end")}
	f.choose(query["variables"], extent.Variables)
	if extent.Last.IsZero() && (f.Start == "" || f.End == "") {
		return f
	}
	last := extent.Last.In(zone)
	if f.End == "" {
		f.End = last.Truncate(time.Minute).Add(time.Minute).Format(fieldLayout)
	}
	end := f.instant("end", f.End, zone)
	if f.Start == "" {
		f.Start = end.AddDate(0, 0, -1).Format(fieldLayout)
	}
	start := f.instant("start", f.Start, zone)
	if f.ok() {
		f.window(start, end)
	}
	return f
}

// choose marks the variables that are asked for.
func (f *form) choose(asked []string, known []source.Variable) {
	for _, v := range known {
		f.Variables = append(f.Variables, choice{v.Name, v.Unit, len(asked) == 0 || slices.Contains(asked, v.Name)})
	}
	for _, name := range asked {
		if !slices.ContainsFunc(known, func(v source.Variable) bool { return v.Name == name }) {
			names := make([]string, 0, len(known))
			for _, v := range known {
				names = append(names, v.Name)
			}
			f.Problems["variables"] = fmt.Sprintf("The source has no %q; it has %s.", name, strings.Join(names, ", "))
		}
	}
}

// instant reads a time: of the field, a day, or one with an offset as RFC 3339 has it.
func (f *form) instant(field, text string, zone *time.Location) time.Time {
	for _, layout := range []string{fieldLayout, "2006-01-02T15:04:05", "2006-01-02 15:04", "2006-01-02 15:04:05", time.DateOnly} {
		if at, err := time.ParseInLocation(layout, text, zone); err == nil {
			return at
		}
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		f.Problems[field] = fmt.Sprintf("%q is no time; write it as 2026-02-21T13:00.", text)
	}
	return at
}

func (f *form) window(start, end time.Time) {
	switch {
	case !start.Before(end):
		f.Problems["end"] = "The end has to be after the start."
	case end.Sub(start) > source.MaxWindow:
		f.Problems["start"] = fmt.Sprintf("A window is at most %d days long.", int(source.MaxWindow.Hours()/24))
	default:
		f.Window = partition.Span{Start: start.UTC(), End: end.UTC()}
	}
}
