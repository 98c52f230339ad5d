package command

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"delfos/shared/status"
)

// backfillDetail is all that is known of one backfill.
type backfillDetail struct {
	backfillResult

	Planned   *status.BackfillPlan `json:"planned,omitempty"` // as its record has it
	Passes    []mapRun             `json:"map_runs"`
	LastEvent *lastEvent           `json:"last_event,omitempty"`
}

// lastEvent is the end of an execution's history.
type lastEvent struct {
	ID   int64                  `json:"id"`
	Type types.HistoryEventType `json:"type"`
}

// detail shows one backfill.
func (f follower) detail(ctx context.Context, e execution) error {
	d, err := f.readDetail(ctx, e)
	if err != nil {
		return err
	}
	if f.common.json {
		return writeJSON(f.terminal.Stdout, d)
	}
	d.write(f.terminal, f.common)
	return nil
}

func (f follower) readDetail(ctx context.Context, e execution) (backfillDetail, error) {
	var d backfillDetail
	var err error
	if d.Passes, err = f.conn.mapRuns(ctx, e); err != nil {
		return d, err
	}
	if d.backfillResult, err = f.result(ctx, e); err != nil {
		return d, err
	}
	if record, err := f.conn.status.Backfill(ctx, f.asset, f.name); err == nil {
		d.Planned = record.Plan
	}
	history, err := f.conn.sfn.GetExecutionHistory(ctx, &sfn.GetExecutionHistoryInput{
		ExecutionArn: &e.ARN, ReverseOrder: true, MaxResults: 1,
	})
	if err != nil {
		return d, fmt.Errorf("read the history of backfill %s: %w", e.Name, err)
	}
	if len(history.Events) > 0 {
		d.LastEvent = &lastEvent{history.Events[0].Id, history.Events[0].Type}
	}
	return d, nil
}

func (d backfillDetail) write(terminal Terminal, c common) {
	line := func(name, format string, args ...any) {
		fmt.Fprintf(terminal.Stdout, "%s %s\n", paint(terminal.Colour, cell{fmt.Sprintf("%-10s", name), faint}), fmt.Sprintf(format, args...))
	}
	word, shown := statusWord(d.Status)
	line("backfill", "%s", d.Name)
	line("state", "%s", paint(terminal.Colour, cell{word, shown}))
	line("started", "%s", clock(d.StartedAt))
	if d.Redrives > 0 {
		line("retries", "%d, the last at %s", d.Redrives, clock(d.RedrivenAt))
	}
	if d.over() {
		line("ended", "%s, after %s", clock(d.StoppedAt), roughly(d.took(terminal.Now())))
	}
	request, err := json.Marshal(d.Request)
	if err == nil {
		line("request", "%s", request)
	}
	if d.Planned != nil {
		line("plan", "%s of %s to %s", days(d.Planned.Partitions), d.Planned.From, d.Planned.To)
	}
	for i, pass := range d.Passes {
		line(fmt.Sprintf("map run %d", i+1), "%s", countsLine(pass.Counts))
	}
	if d.LastEvent != nil {
		line("last event", "%d %s", d.LastEvent.ID, d.LastEvent.Type)
	}
	fmt.Fprintln(terminal.Stdout)
	if !d.over() {
		fmt.Fprintf(terminal.Stdout, "Follow it: %s. Stop it: %s\n", c.line("backfills", d.Name, "--watch"), c.line("cancel", d.Name))
		return
	}
	d.backfillResult.write(terminal, c)
}
