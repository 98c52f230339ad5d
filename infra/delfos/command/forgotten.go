package command

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"delfos/shared/pipeline"
	"delfos/shared/status"
)

// forgottenBackfill is what the record says of a backfill whose execution Step Functions
// does not have any more.
type forgottenBackfill struct {
	Name      string               `json:"backfill_id"`
	State     status.BackfillState `json:"state"` // "gone" where the record does not know how it ended
	StartedAt time.Time            `json:"started_at"`
	EndedAt   time.Time            `json:"ended_at,omitzero"`
	Request   json.RawMessage      `json:"request,omitempty"`
	Planned   *status.BackfillPlan `json:"planned,omitempty"`
	Counts    itemCounts           `json:"counts"`
	Cause     string               `json:"cause,omitempty"`
}

// showForgotten tells of a backfill by its record. Where there is none either, missing
// is the error.
func (c connection) showForgotten(ctx context.Context, terminal Terminal, flags common, name string, missing error) error {
	p, err := c.open(ctx, terminal)
	if err != nil {
		return err
	}
	b, err := p.Backfill(ctx, name)
	if _, none := errors.AsType[*pipeline.NotFoundError](err); none {
		return missing
	}
	if err != nil {
		return err
	}
	told := forgottenBackfill{
		Name: b.Name, State: b.State, StartedAt: b.StartedAt, EndedAt: b.EndedAt, Request: b.Input, Planned: b.Plan, Cause: b.Cause,
		Counts: itemCounts{
			Total: b.Counts.Planned, Pending: b.Counts.Waiting, Running: b.Counts.Running,
			Materialized: b.Counts.Materialized, Failed: b.Counts.Failed, Cancelled: b.Counts.Cancelled,
		},
	}
	if flags.json {
		return writeJSON(terminal.Stdout, told)
	}
	told.write(terminal, flags)
	return nil
}

// isMissing tells the error of an execution that is not there.
func isMissing(err error) bool {
	_, missing := errors.AsType[*types.ExecutionDoesNotExist](err)
	return missing
}

func (b forgottenBackfill) write(terminal Terminal, flags common) {
	line := func(name, text string) {
		if text != "" {
			fmt.Fprintf(terminal.Stdout, "%s %s\n", paint(terminal.Colour, cell{fmt.Sprintf("%-10s", name), faint}), text)
		}
	}
	line("backfill", b.Name)
	if b.State == pipeline.BackfillGone {
		line("state", "gone: how it ended is not recorded")
	} else {
		line("state", string(b.State))
	}
	line("started", clock(b.StartedAt))
	if !b.EndedAt.IsZero() {
		line("ended", clock(b.EndedAt))
	}
	line("request", string(b.Request))
	if b.Planned != nil {
		line("plan", fmt.Sprintf("%s of %s to %s", days(b.Planned.Partitions), b.Planned.From, b.Planned.To))
	}
	line("counts", countsLine(b.Counts))
	line("cause", b.Cause)
	fmt.Fprintf(terminal.Stdout, "\nStep Functions has no execution of it any more; this is its record. How its days stand now: %s\n", flags.line("status"))
}
