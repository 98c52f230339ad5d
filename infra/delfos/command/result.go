package command

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"delfos/shared/backfill/report"
)

// backfillResult is what came of a backfill.
type backfillResult struct {
	*execution

	Counts   report.Counts   `json:"counts"`
	Failures []failedDay     `json:"failures,omitempty"` // oldest day first
	Plan     json.RawMessage `json:"plan,omitempty"`     // the planner's answer
}

// result reads what came of a backfill that is over.
func (f follower) result(ctx context.Context, e execution) (backfillResult, error) {
	counts, err := f.conn.outcome(ctx, e)
	if err != nil {
		return backfillResult{}, err
	}
	if e.Status == types.ExecutionStatusAborted {
		left, err := f.attempts(ctx)
		if err != nil {
			return backfillResult{}, err
		}
		counts = left.settle(counts)
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
	_, shown := statusWord(r.Status)
	fmt.Fprintf(terminal.Stdout, "Backfill %s %s after %s: %s\n",
		r.Name, paint(terminal.Colour, cell{howItEnded(r.Status), shown}), roughly(r.took(terminal.Now())), countsText(r.Counts))
	writeFailures(terminal, r.Failures)
	if r.Status == types.ExecutionStatusSucceeded {
		return
	}
	if r.Error != partitionsFailed || len(r.Failures) < r.Counts.Failed { // days that others have run since
		fmt.Fprintf(terminal.Stdout, "  %s\n", whyItEnded(*r.execution))
	}
	switch {
	case r.wasRefused():
		fmt.Fprintf(terminal.Stdout, "Nothing was run, and a retry would hand in the same request: look at the plan again with %s, and start another with %s\n", c.line("backfill", "--dry-run"), c.line("backfill"))
	case r.redrivable == types.ExecutionRedriveStatusRedrivable:
		fmt.Fprintf(terminal.Stdout, "%sun again just what is not materialized: %s\n",
			map[bool]string{true: "Mend the cause, then r", false: "R"}[r.Counts.Failed > 0], c.line("retry", r.Name))
	}
}

// wasRefused tells whether the planner refused the request itself, which a redrive
// would only hand in again.
func (r backfillResult) wasRefused() bool {
	return r.Counts.Planned == 0 && (r.Error == "InvalidRequest" || r.Error == planChanged)
}

// planChanged is the error of an execution whose plan is not the one that was shown.
const planChanged = "PlanChanged"

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

// whyItEnded is the error and cause of an execution, for a person.
func whyItEnded(e execution) string {
	switch {
	case e.Error == "" && e.Cause == "":
		return "no cause was given"
	case e.Error == "":
		return inFlags(e.Cause)
	case e.Cause == "":
		return e.Error
	default:
		return e.Error + ": " + inFlags(e.Cause)
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

// howItEnded follows "it" in a sentence on an execution that is over.
func howItEnded(s types.ExecutionStatus) string {
	word, _ := statusWord(s)
	if s == types.ExecutionStatusAborted {
		return "was " + word
	}
	return word
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
