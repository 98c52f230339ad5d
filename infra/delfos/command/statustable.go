package command

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"delfos/shared/status"
)

func writeStatus(terminal Terminal, days []status.Partition) {
	var rows [][]cell
	count := map[status.DataState]int{}
	for rest := days; len(rest) > 0; {
		stretch := rest[:alike(rest)]
		for _, day := range stretch {
			count[day.Data]++
		}
		rows = append(rows, statusRow(stretch))
		rest = rest[len(stretch):]
	}
	writeTable(terminal, []string{"PARTITION", "DATA", "LAST ATTEMPT", "ROWS", "COVERAGE", "PUBLISHED", "RUN", ""}, rows)
	fmt.Fprintf(terminal.Stdout, "\n%s, %s to %s: %s\n", partitions(len(days)), days[0].Key, days[len(days)-1].Key, summary(count))
}

// dayKind is what a row of several days says of each.
type dayKind struct {
	data      status.DataState
	attempt   status.AttemptState
	failure   string // its type
	waived    string // why
	published bool
}

func kindOf(day status.Partition) dayKind {
	kind := dayKind{data: day.Data, attempt: day.Attempt, waived: day.WaivedReason, published: day.Materialization != nil}
	if day.Failure != nil {
		kind.failure = day.Failure.Type
	}
	return kind
}

// alike is how many days from the first on, at least one, are shown as one row. Those that
// have data, or run, have a row each: it has figures, or a run to look at.
func alike(days []status.Partition) int {
	first := kindOf(days[0])
	if first.published || first.attempt == status.AttemptRunning {
		return 1
	}
	n := slices.IndexFunc(days, func(day status.Partition) bool { return kindOf(day) != first })
	if n < 0 {
		return len(days)
	}
	return n
}

// statusRow shows days that are alike.
func statusRow(stretch []status.Partition) []cell {
	day := stretch[0]
	row := []cell{{day.Key.String(), plain}, {string(day.Data), dataColour(day.Data)}, {}, {}, {}, {}, {day.RunID, faint}, statusNote(stretch)}
	if n := len(stretch); n > 1 {
		row[0].text += " … " + stretch[n-1].Key.String()
		row[6].text = "" // each has its own
	}
	if day.Attempt != status.AttemptNone {
		row[2] = cell{string(day.Attempt), attemptColour(day.Attempt)}
	}
	if m := day.Materialization; m != nil {
		row[3] = cell{strconv.FormatInt(m.RowsWritten, 10), plain}
		row[4] = cell{fmt.Sprintf("%.1f %%", 100*m.Coverage), plain}
		row[5] = cell{m.PublishedAt.UTC().Format("2006-01-02 15:04:05Z"), plain}
	}
	return row
}

// statusNote is how many days there are, where there are more than one, and why they
// stand so.
func statusNote(stretch []status.Partition) cell {
	why := whyItStands(stretch[0], backfillOf(stretch))
	if n := len(stretch); n > 1 {
		why.text = strings.TrimSuffix(days(n)+": "+why.text, ": ")
	}
	return why
}

func whyItStands(day status.Partition, backfill string) cell {
	switch {
	case day.Attempt == status.AttemptFailed && day.Failure != nil:
		return cell{withBackfill(day.Failure.Type, backfill), red}
	case day.Data == status.DataWaived:
		return cell{day.WaivedReason, blue}
	case backfill != "":
		return cell{"by " + backfill, faint}
	default:
		return cell{"", faint}
	}
}

// backfillOf is the one that tried all these days last; "" where there is no such one.
func backfillOf(stretch []status.Partition) string {
	name := stretch[0].BackfillID
	if slices.ContainsFunc(stretch, func(day status.Partition) bool { return day.BackfillID != name }) {
		return ""
	}
	return name
}

func withBackfill(failure, backfill string) string {
	if backfill == "" {
		return failure
	}
	return failure + ", by " + backfill
}

func dataColour(state status.DataState) colour {
	switch state {
	case status.DataMaterialized:
		return green
	case status.DataStale:
		return yellow
	case status.DataWaived:
		return blue
	default:
		return faint
	}
}

func attemptColour(state status.AttemptState) colour {
	switch state {
	case status.AttemptSucceeded:
		return green
	case status.AttemptFailed:
		return red
	case status.AttemptRunning, status.AttemptQueued:
		return blue
	default:
		return yellow
	}
}
