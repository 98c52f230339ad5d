package command

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"delfos/shared/backfill/report"
	"delfos/shared/partition"
	"delfos/shared/status"
)

// backfillResult is what came of a backfill.
type backfillResult struct {
	*execution

	Counts   report.Counts   `json:"counts"`
	Failures []failedDay     `json:"failures,omitempty"` // oldest day first
	Plan     json.RawMessage `json:"plan,omitempty"`     // the planner's answer
}

// failedDay is a partition whose run in a backfill failed.
type failedDay struct {
	Partition partition.Key `json:"partition"`
	Type      string        `json:"type"`
	Message   string        `json:"message,omitempty"`

	at time.Time
}

// result reads what came of a backfill that is over.
func (f follower) result(ctx context.Context, e execution) (backfillResult, error) {
	counts, err := f.conn.outcome(ctx, e)
	if err != nil {
		return backfillResult{}, err
	}
	result := backfillResult{execution: &e, Counts: counts}
	if counts.Failed > 0 {
		result.Failures, err = f.conn.failuresOf(ctx, f, f.terminal.Now())
	}
	return result, err
}

// outcome is the report's counts or, where the backfill ended without a report,
// those of its passes.
func (c connection) outcome(ctx context.Context, e execution) (report.Counts, error) {
	if e.report != nil {
		return e.report.Counts, nil
	}
	passes, err := c.mapRuns(ctx, e)
	if err != nil || len(passes) == 0 {
		return report.Counts{}, err
	}
	return overall(passes), nil
}

// overall adds the passes up: each after the first runs what the one before it
// left.
func overall(passes []mapRun) report.Counts {
	last := passes[len(passes)-1].Counts
	sum := report.Counts{Planned: passes[0].Counts.Total, Failed: last.Failed, Cancelled: last.Cancelled}
	for _, pass := range passes {
		sum.Materialized += pass.Counts.Materialized
	}
	return sum
}

// failuresOf finds the partitions whose last attempt was the backfill's and has
// failed, oldest day first.
func (c connection) failuresOf(ctx context.Context, f follower, now time.Time) ([]failedDay, error) {
	records, err := c.status.Partitions(ctx, f.asset, f.from, f.to)
	if err != nil {
		return nil, err
	}
	var failures []failedDay
	for _, record := range records {
		attempt, failure := record.AttemptAt(now)
		if record.BackfillID != f.name || attempt != status.AttemptFailed || failure == nil {
			continue
		}
		failures = append(failures, failedDay{record.Key, failure.Type, failure.Message, record.UpdatedAt})
	}
	return failures, nil
}

// tell prints the result; the error carries the exit code of a backfill that did
// not materialize all that it planned.
func (r backfillResult) tell(terminal Terminal, c common) error {
	if c.json {
		if err := writeJSON(terminal.Stdout, r); err != nil {
			return err
		}
	} else {
		r.write(terminal, c)
	}
	if r.Status == types.ExecutionStatusSucceeded {
		return nil
	}
	return &exitError{code: exitFailed}
}

func (r backfillResult) write(terminal Terminal, c common) {
	word, shown := statusWord(r.Status)
	fmt.Fprintf(terminal.Stdout, "Backfill %s %s after %s: %s\n",
		r.Name, paint(terminal.Colour, cell{word, shown}), roughly(r.took(terminal.Now())), countsText(r.Counts))
	writeFailures(terminal, r.Failures)
	if r.Status == types.ExecutionStatusSucceeded {
		return
	}
	if r.Error != partitionsFailed || len(r.Failures) < r.Counts.Failed { // days that others have run since
		fmt.Fprintf(terminal.Stdout, "  %s\n", whyItEnded(*r.execution))
	}
	if r.redrivable == types.ExecutionRedriveStatusRedrivable {
		fmt.Fprintf(terminal.Stdout, "%sun again just what is not materialized: %s\n",
			map[bool]string{true: "Mend the cause, then r", false: "R"}[r.Counts.Failed > 0], c.line("retry", r.Name))
	}
}

// partitionsFailed is the error of an execution that tried every partition.
const partitionsFailed = "PartitionsFailed"

// countsText names the outcomes that there are.
func countsText(c report.Counts) string {
	parts := []string{fmt.Sprintf("%d of %d materialized", c.Materialized, c.Planned)}
	for _, other := range []struct {
		n    int
		word string
	}{{c.Failed, "failed"}, {c.Cancelled, "cancelled"}, {c.Waived, "waived"}} {
		if other.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", other.n, other.word))
		}
	}
	return strings.Join(parts, ", ")
}

// writeFailures names the days that failed, those of one type together.
func writeFailures(terminal Terminal, failures []failedDay) {
	byType := map[string][]partition.Key{}
	message := map[string]string{}
	for _, failure := range failures {
		byType[failure.Type] = append(byType[failure.Type], failure.Partition)
		if message[failure.Type] == "" {
			message[failure.Type] = failure.Message // the oldest day's
		}
	}
	for _, name := range sortedKeys(byType) {
		fmt.Fprintf(terminal.Stdout, "  %s: %s\n", paint(terminal.Colour, cell{name, red}), rangeList(byType[name]))
		if message[name] != "" {
			fmt.Fprintf(terminal.Stdout, "    %s\n", paint(terminal.Colour, cell{cutTo(oneLine(fmt.Errorf("%s", message[name])), 200), faint}))
		}
	}
}

// whyItEnded is the error and cause of an execution, for a person.
func whyItEnded(e execution) string {
	switch {
	case e.Error == "" && e.Cause == "":
		return "no cause was given"
	case e.Error == "":
		return e.Cause
	case e.Cause == "":
		return e.Error
	default:
		return e.Error + ": " + e.Cause
	}
}

// statusWord is an execution's status as the command says it.
func statusWord(s types.ExecutionStatus) (string, colour) {
	switch s {
	case types.ExecutionStatusRunning:
		return "running", blue
	case types.ExecutionStatusSucceeded:
		return "succeeded", green
	case types.ExecutionStatusAborted:
		return "cancelled", yellow
	case types.ExecutionStatusTimedOut:
		return "timed out", red
	case types.ExecutionStatusPendingRedrive:
		return "waiting for a retry", yellow
	default:
		return "failed", red
	}
}

// statusNamed is the execution's status that a word of the command stands for.
func statusNamed(word string) (types.ExecutionStatus, bool) {
	all := types.ExecutionStatus("").Values()
	i := slices.IndexFunc(all, func(s types.ExecutionStatus) bool {
		name, _ := statusWord(s)
		return name == word
	})
	if i < 0 {
		return "", false
	}
	return all[i], true
}
