package report

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// The most entries of a list, and stretches of partitions that the sentence names.
const (
	mostEntries = 200
	mostNamed   = 20
)

// short is the report as JSON, its lists shortened.
func (r Report) short() (string, error) {
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(struct {
		Report
		Materialized []string `json:"materialized"`
		Failed       []string `json:"failed"`
		Cancelled    []string `json:"cancelled"`
		Waived       []string `json:"waived,omitempty"`
		Again        []string `json:"again"`
	}{
		r, r.Materialized.short(), r.Failed.short(), r.Cancelled.short(), r.Waived.short(), r.Again.short(),
	})
	return strings.TrimSuffix(text.String(), "\n"), err
}

// sentence says what failed, what did not, and what to do.
func sentence(r Report, verdicts []verdict) string {
	var text strings.Builder
	fmt.Fprintf(&text, "%d of %s failed", r.Counts.Failed, partitions(r.Counts.Planned))
	if named := name(verdicts, Failed); named != "" {
		text.WriteString(": " + named)
	}
	if named := name(verdicts, Cancelled); named != "" {
		fmt.Fprintf(&text, "; %d cancelled: %s", r.Counts.Cancelled, named)
	}
	text.WriteString(". ")
	if r.Counts.Materialized > 0 {
		fmt.Fprintf(&text, "The others are materialized%s. ", map[bool]string{true: " or waived"}[r.Counts.Waived > 0])
	}
	text.WriteString(advice(verdicts))
	fmt.Fprintf(&text, "Mend the cause, then redrive this execution (`delfos retry %s`): it runs just these.", r.BackfillID)
	return text.String()
}

func partitions(n int) string {
	if n == 1 {
		return "1 partition"
	}
	return fmt.Sprintf("%d partitions", n)
}

// name lists the partitions of an outcome, oldest first, neighbours of one type as
// a stretch: "2026-02-21 EmptyPartition, 2026-02-24 to 2026-02-27 NotRun".
func name(verdicts []verdict, outcome Outcome) string {
	byType := map[string]Days{}
	for _, v := range verdicts {
		if v.outcome == outcome {
			byType[suffix(v)] = append(byType[suffix(v)], v.key)
		}
	}
	type stretchOf struct {
		stretch
		suffix string
	}
	var all []stretchOf
	for _, kind := range slices.Sorted(maps.Keys(byType)) {
		for _, s := range byType[kind].stretches() {
			all = append(all, stretchOf{s, kind})
		}
	}
	slices.SortStableFunc(all, func(a, b stretchOf) int { return a.first.Compare(b.first) })
	var names []string
	left := 0
	for _, s := range all {
		if len(names) == mostNamed {
			left += s.days
			continue
		}
		names = append(names, s.stretch.String()+s.suffix)
	}
	text := strings.Join(names, ", ")
	if left > 0 {
		text += fmt.Sprintf(", … and %d more", left)
	}
	return text
}

// suffix is a failure's type, with a space before it; a cancellation needs none.
func suffix(v verdict) string {
	if v.outcome == Cancelled {
		return ""
	}
	return " " + cut(v.failure.Type, 64)
}

// String is "2026-02-20", or "2026-02-20 to 2026-03-01".
func (s stretch) String() string {
	if s.first == s.last {
		return s.first.String()
	}
	return s.first.String() + " to " + s.last.String()
}

// advice is what the oldest failure says, whose message knows best what to do.
func advice(verdicts []verdict) string {
	var first *verdict
	for i := range verdicts {
		v := &verdicts[i]
		if v.outcome == Failed && v.failure.Message != "" && (first == nil || v.key.Before(first.key)) {
			first = v
		}
	}
	if first == nil {
		return ""
	}
	message := strings.Join(strings.Fields(first.failure.Message), " ")
	return fmt.Sprintf("Of %s: %s. ", first.key, strings.TrimSuffix(cut(message, 500), "."))
}

func cut(text string, most int) string {
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	return string([]rune(text)[:most-1]) + "…"
}

// ReadCause reads the cause of an execution that failed: what a person is to read of
// it, and the report where the error is PartitionsFailed. Lists that the cause
// shortened are whole again, but for days that it left out; the counts are exact.
func ReadCause(cause string) (message string, report *Report) {
	var failed struct {
		Message string `json:"errorMessage"`
	}
	message = cause
	if json.Unmarshal([]byte(cause), &failed) == nil && failed.Message != "" {
		message = failed.Message
	}
	first, rest, ok := strings.Cut(message, "\n")
	if !ok || !strings.HasPrefix(rest, "{") {
		return message, nil
	}
	var found Report
	if json.Unmarshal([]byte(rest), &found) != nil || found.Counts.Planned == 0 {
		return message, nil
	}
	return first, &found
}
